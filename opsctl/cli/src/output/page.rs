//! A runbook on a terminal: headings stand out, what can be typed is cyan, lines fit.
//!
//! Never changes a command: it must survive being copied.

use super::style::{HEADING, HINT, paint};
use super::table::WIDTH;
use super::wrap::wrap;

/// A Markdown page, painted; where colours don't belong, the stream leaves them out.
#[must_use]
pub fn page(markdown: &str) -> String {
    let mut text = String::new();
    let mut paragraph = Vec::new();
    let mut code = false;
    for line in markdown.lines() {
        let fence = line.starts_with("```");
        let own_line = fence || code || line.is_empty() || line.starts_with(['#', '|']);
        if own_line || starts_item(line) {
            flush(&mut paragraph, &mut text);
        }
        if fence {
            code = !code;
        } else if code {
            text.push_str(&format!("    {}\n", paint(true, HINT, line)));
        } else if line.starts_with('#') {
            let title = line.trim_start_matches('#').trim();
            text.push_str(&format!("{}\n", paint(true, HEADING, title)));
        } else if own_line {
            text.push_str(&format!("{line}\n"));
        } else {
            paragraph.push(line);
        }
    }
    flush(&mut paragraph, &mut text);
    text
}

fn starts_item(line: &str) -> bool {
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with("- ") || (digits.len() < line.len() && digits.starts_with(". "))
}

/// Running text, wrapped anew; what hangs under an item stays under it.
fn flush(paragraph: &mut Vec<&str>, into: &mut String) {
    let Some(first) = paragraph.first() else {
        return;
    };
    let indent = match starts_item(first) {
        true => first.find(' ').map_or(0, |blank| blank + 1),
        false => 0,
    };
    let words: Vec<&str> = paragraph.iter().map(|line| line.trim()).collect();
    let lines = wrap(&words.join(" "), WIDTH - indent);
    // A command between backticks may go on in the next line.
    let mut typed = false;
    for (number, line) in lines.iter().enumerate() {
        let margin = if number == 0 { 0 } else { indent };
        into.push_str(&format!("{:margin$}{}\n", "", spans(line, &mut typed)));
    }
    paragraph.clear();
}

/// What stands between backticks is something to type or to look at.
fn spans(line: &str, typed: &mut bool) -> String {
    let mut text = String::new();
    for (number, part) in line.split('`').enumerate() {
        if number > 0 {
            *typed = !*typed;
            text.push('`');
        }
        text.push_str(&paint(*typed && !part.is_empty(), HINT, part));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_painted_and_fences_are_gone() {
        let painted = page("# Title\n\nRun `opsctl doctor`\nnow.\n\n```sh\nopsctl doctor\n```\n");
        let plain = anstream::adapter::strip_str(&painted).to_string();
        assert_eq!(
            plain,
            "Title\n\nRun `opsctl doctor` now.\n\n    opsctl doctor\n"
        );
        assert!(painted.contains("\u{1b}[36mopsctl doctor"), "{painted:?}");
    }

    #[test]
    fn running_text_fits_the_terminal_and_items_hang() {
        let words = "word ".repeat(40);
        let plain = page(&format!("- {words}\n"));
        assert!(plain.lines().all(|line| line.len() <= WIDTH), "{plain}");
        assert!(plain.lines().nth(1).unwrap().starts_with("  word"));
    }
}
