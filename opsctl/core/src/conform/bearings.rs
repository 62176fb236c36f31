//! Where in a text something stands: the number of a line, for people to find it.

/// The line of a byte, from 1.
#[must_use]
pub fn line_at(text: &str, byte: usize) -> usize {
    let before = text.get(..byte).unwrap_or(text);
    before.matches('\n').count() + 1
}

/// The line in which an id is given in a list for the n-th time, from 0.
#[must_use]
pub fn line_of_id(text: &str, id: &str, time: usize) -> Option<usize> {
    let given = |line: &str| {
        let rest = line.trim_start().strip_prefix("- id:");
        rest.is_some_and(|rest| rest.trim().trim_matches('"') == id)
    };
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| given(line));
    lines.nth(time).map(|(number, _)| number)
}
