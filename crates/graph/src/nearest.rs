//! What a name that nobody knows was probably meant to be.

/// The known name that is nearest to `name`, if one is near. Letter case does not count.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            (strsim::normalized_damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate)
        })
        .filter(|(score, _)| *score > 0.6)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

/// `; did you mean 'x'?` for the [`nearest`] name, nothing when none is near.
#[must_use]
pub fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!("; did you mean '{near}'?"))
}

/// The known name that `name` is a slip of: a letter or two wrong, missing, or in another order.
#[must_use]
pub fn slip<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let allowed = match wanted.chars().count() {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    };
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| (1..=allowed).contains(distance))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_nearer_than_near() {
        let known = ["mail", "givenName", "mobilePhone"];
        assert_eq!(slip("mial", known), Some("mail"));
        assert_eq!(slip("givenNmae", known), Some("givenName"));
        assert_eq!(slip("mobile", known), None);
        assert_eq!(slip("Mail", known), None);
        assert_eq!(slip("mai", known), None);
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let known = ["groups", "clauses", "inputFilterGroups"];
        assert_eq!(nearest("Group", known), Some("groups"));
        assert_eq!(nearest("clause", known), Some("clauses"));
        assert_eq!(nearest("operands", known), None);
        assert_eq!(suggestion("grops", known), "; did you mean 'groups'?");
        assert_eq!(suggestion("x", known), "");
    }
}
