//! The name that somebody may have meant.

/// The known name that takes the fewest changes of a letter to get to; `None` when none is near.
#[must_use]
pub fn meant<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = given.chars().count().div_ceil(3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let changes = changes(given, name);
        if changes <= near && best.is_none_or(|(fewest, _)| changes < fewest) {
            best = Some((changes, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Letters to insert, to leave out or to replace.
fn changes(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (done, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = done + 1;
        for (at, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let known = ["local", "local-postgres", "production"];
        let guess = |given| meant(given, known.iter().copied());
        assert_eq!(guess("lokal"), Some("local"));
        assert_eq!(guess("local-postgre"), Some("local-postgres"));
        assert_eq!(guess("prodution"), Some("production"));
        assert_eq!(guess("staging"), None);
    }
}
