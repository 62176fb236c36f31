//! What one look came to, before it is put beside what was expected.

use crate::conform::answer::Seen;

/// What a look came to.
pub enum Looked {
    /// A value, to be judged.
    Seen(Seen),
    /// Judged already: whether it holds, and in words what was expected and what is.
    Judged {
        holds: bool,
        expected: String,
        actual: String,
        evidence: String,
    },
    /// It could not be looked at.
    Unknown(String),
}
