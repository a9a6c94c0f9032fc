//! The groups of a pattern, and how .NET numbers them.

/// The groups of a pattern, by .NET's numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    /// The engine's groups for each number: several when a name is used more than once.
    pub(super) indices: Vec<Vec<usize>>,
    /// Names and their numbers.
    names: Vec<(String, usize)>,
}

impl Groups {
    pub(super) fn indices(&self) -> impl Iterator<Item = &Vec<usize>> {
        self.indices.iter()
    }

    pub(super) fn last(&self) -> usize {
        self.indices.len().saturating_sub(1)
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let number = || {
            name.parse()
                .ok()
                .filter(|number| name.bytes().all(|b| b.is_ascii_digit()) && *number < self.indices.len())
        };
        self.names.iter().find(|(known, _)| known == name).map(|(_, number)| *number).or_else(number)
    }

    /// Numbers unnamed groups before named ones, as .NET does.
    pub(super) fn number(names: &[Option<String>]) -> Groups {
        let mut groups = Groups { indices: vec![vec![0]], names: Vec::new() };
        let unnamed = names.iter().enumerate().filter(|(_, name)| name.is_none());
        groups.indices.extend(unnamed.map(|(index, _)| vec![index + 1]));
        for (index, name) in names.iter().enumerate() {
            let Some(name) = name else { continue };
            match groups.names.iter().find(|(known, _)| known == name) {
                Some((_, number)) => groups.indices[*number].push(index + 1),
                None => {
                    groups.names.push((name.clone(), groups.indices.len()));
                    groups.indices.push(vec![index + 1]);
                }
            }
        }
        groups
    }
}
