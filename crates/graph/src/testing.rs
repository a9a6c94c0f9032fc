//! What the tests of several modules use.

use serde::Serialize;

/// The longest line of [`layout`].
const WIDTH: usize = 100;

/// JSON in the order it is printed, as many members on a line as fit.
pub(crate) fn layout(value: &impl Serialize) -> String {
    let pretty = serde_json::to_string_pretty(value).unwrap();
    fold(&pretty.lines().collect::<Vec<_>>()).join("\n")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Joins simple members that follow one another.
fn fill(lines: &[String]) -> Vec<String> {
    let is_simple =
        |line: &str| !line.ends_with(['{', '[']) && !line.trim_start().starts_with(['}', ']', '{', '[']);
    let mut filled: Vec<String> = Vec::new();
    let mut joinable = false;
    for line in lines {
        let simple = is_simple(line);
        match filled.last_mut() {
            Some(last)
                if joinable
                    && simple
                    && indent(last) == indent(line)
                    && last.len() + line.trim().len() < WIDTH =>
            {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => filled.push(line.clone()),
        }
        joinable = simple;
    }
    filled
}

fn fold(lines: &[&str]) -> Vec<String> {
    let mut folded = Vec::new();
    let mut rest = lines;
    while let Some((first, following)) = rest.split_first() {
        let end = following.iter().position(|line| indent(line) == indent(first));
        let (Some(end), true) = (end, first.ends_with(['{', '['])) else {
            folded.push((*first).to_owned());
            rest = following;
            continue;
        };
        let (inner, close) = (fold(&following[..end]), following[end].trim());
        let members: Vec<&str> = inner.iter().map(|line| line.trim()).collect();
        let line = format!("{first}{}{close}", members.join(" "));
        if line.len() <= WIDTH {
            folded.push(line);
        } else {
            folded.push((*first).to_owned());
            folded.extend(fill(&inner));
            folded.push(following[end].to_owned());
        }
        rest = &following[end + 1..];
    }
    folded
}
