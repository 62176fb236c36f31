//! What is asked and what is answered between the two roles. Both ends may be of neighbouring versions while a deploy runs: a
//! field is added, never renamed, and one that is unknown is passed over.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::permission::Permission;
use crate::auth::tokens::Bearer;
use crate::database::{SessionId, UserId};

/// Is this token good; and may its bearer do this to that user?
#[derive(Serialize, Deserialize)]
pub struct Question {
    pub token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
}

/// The token is good; and this is what it is worth.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Judgement {
    pub user: Uuid,
    pub session: Option<Uuid>,
    /// Names, comma between them.
    pub granted: String,
    /// Seconds since 1970.
    pub issued_at: i64,
    /// Seconds since 1970.
    pub expires_at: i64,
    /// None when no permission was asked about.
    #[serde(default)]
    pub allowed: Option<bool>,
}

impl Judgement {
    pub fn bearer(&self) -> Bearer {
        Bearer {
            user: UserId(self.user),
            session: self.session.map(SessionId),
        }
    }
}
