//! Who does something, and how sure we are.

use std::fmt;

/// A person or a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Principal {
    /// The name, as the verifier or the claimant spells it.
    pub name: String,
    /// Who vouched for the name; `None` means that it is only claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_by: Option<String>,
}

impl Principal {
    /// A name that nobody vouched for.
    pub fn claimed(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            verified_by: None,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.verified_by {
            Some(verifier) => write!(f, "{} (verified by {verifier})", self.name),
            None => write!(f, "{} (claimed)", self.name),
        }
    }
}
