//! Long text in lines that fit a terminal.

/// Words parted into lines of at most `width` characters; a word that is longer stays whole, so that it can be
/// copied.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let long = line.chars().count() + 1 + word.chars().count() > width;
        if long && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A line of `name: value`, hanging by four blanks where it is too long for the width, if there is one.
#[must_use]
pub fn hanging(text: &str, width: Option<usize>) -> String {
    match width {
        None => text.to_owned(),
        Some(width) => wrap(text, width.saturating_sub(4)).join("\n    "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_parted_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("unbreakable", 4), ["unbreakable"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
