//! What the plans of this room carry. Names and times alone, never a value.

use super::SecretKind;
use crate::clock::Timestamp;
use crate::environment::Span;
use crate::names::OperationId;
use crate::ports::VersionId;

/// Where the new value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It is made up.
    MadeUp,
    /// Whoever runs it gives it.
    Given,
    /// It is pending already: a run that is over left it.
    Pending,
}

/// What a rotation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// A new value that stays.
    Rotate,
    /// A proof that it can be done: there, and back again.
    Drill,
}

/// From which login to which.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LoginChange {
    /// In use now; never changed.
    pub from: String,
    /// Idle now.
    pub to: String,
}

/// A rotation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateInputs {
    /// Of which secret.
    pub kind: SecretKind,
    /// What for.
    pub goal: Goal,
    /// Where the value comes from.
    pub origin: Origin,
    /// The version that is current now; `None`: there is none yet.
    pub before: Option<VersionId>,
    /// The version that is current then.
    pub version: VersionId,
    /// A pending version that can't be used, and is dropped first.
    pub unfit: Option<VersionId>,
    /// Of a database's credentials.
    pub logins: Option<LoginChange>,
    /// Whether the logins have to be made alike first.
    pub prepare: bool,
    /// How long the value before has to be believed after it went out of use.
    pub overlap: Option<Span>,
    /// How long every process may take to follow.
    pub within: Span,
}

impl RotateInputs {
    /// The version that an operation makes: the same at every run.
    #[must_use]
    pub fn version_of(operation: &OperationId, kind: SecretKind) -> VersionId {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(format!("{operation}/{kind}"));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        VersionId(uuid::Uuid::from_bytes(bytes).to_string())
    }
}

/// The end of a rotation whose value before was believed for a while.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinishInputs {
    /// Of which secret.
    pub kind: SecretKind,
    /// The version that is believed no more.
    pub previous: VersionId,
    /// Not before this moment.
    pub not_before: Timestamp,
    /// How long every process may take to follow.
    pub within: Span,
}

/// Until when the value before is needed: what a rotation leaves in the state store for whoever finishes it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Retiring {
    /// The version before.
    pub version: VersionId,
    /// What was made with it is good until then.
    pub needed_until: Timestamp,
}
