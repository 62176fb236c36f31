//! Colours by meaning; the text reads the same without them.

use anstyle::{AnsiColor, Style};

/// Something went well.
pub const SUCCESS: Style = AnsiColor::Green.on_default();
/// Something failed.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Something is worth worrying about.
pub const WARNING: Style = AnsiColor::Yellow.on_default();
/// Something to run, or a path.
pub const HINT: Style = AnsiColor::Cyan.on_default();
/// A heading.
pub const HEADING: Style = Style::new().bold();
/// Background.
pub const FAINT: Style = Style::new().dimmed();

/// The text in the style, when colours are on.
#[must_use]
pub fn paint(on: bool, style: Style, text: &str) -> String {
    if on {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}
