//! The name of a document. Made here from days, never from what a client sends, so it leads nowhere else.

use crate::database::Day;

/// Letters, digits, `-`, `.` and `/` alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    path: String,
    file: String,
}

impl Key {
    /// Of the daily report.
    pub fn of_report(day: Day) -> Self {
        Self {
            path: format!("reports/{day}.pdf"),
            file: format!("report-{day}.pdf"),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// What the document is.
    pub fn content_type(&self) -> &'static str {
        "application/pdf"
    }

    /// Looked at where that is possible, and under which name it is saved.
    pub fn disposition(&self) -> String {
        format!("inline; filename=\"{}\"", self.file)
    }
}
