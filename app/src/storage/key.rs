//! The name of a document. Made here from days, never from what a client sends, so it leads nowhere else.

use crate::database::Day;

/// Letters, digits, `-`, `.` and `/` alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Of the daily report.
    pub fn of_report(day: Day) -> Self {
        Self(format!("reports/{day}.pdf"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
