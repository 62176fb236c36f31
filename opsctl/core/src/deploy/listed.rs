//! Names in a line that stays readable.

/// So many objects are named in a line.
const NAMED: usize = 6;

/// The first names, and how many more: all of them stand below the plan, with what becomes of them.
#[must_use]
pub fn listed(names: &[String]) -> String {
    let (shown, more) = names.split_at(names.len().min(NAMED));
    let shown = shown.join(", ");
    match more.len() {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_objects_the_first_are_named() {
        let names: Vec<String> = (1..=8).map(|number| number.to_string()).collect();
        assert_eq!(listed(&names[..6]), "1, 2, 3, 4, 5, 6");
        assert_eq!(listed(&names), "1, 2, 3, 4, 5, 6 and 2 more");
        assert_eq!(listed(&[]), "");
    }
}
