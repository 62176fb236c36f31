//! What can happen, and one happening of it.

use serde_json::Value;
use sqlx::types::Json;

use crate::database::{EntityId, EventId, Timestamp, UserId};

/// What happened. Its name is kept in the outbox and in the audit log: it may get company, it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    UserCreated,
    UserChanged,
    UserDeleted,
    PasswordChanged,
    PostCreated,
    PostChanged,
    PostPublished,
    PostDeleted,
    CommentCreated,
    CommentDeleted,
    /// One for each user who is told of it.
    ReportReady,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserCreated => "user.created",
            Self::UserChanged => "user.changed",
            Self::UserDeleted => "user.deleted",
            Self::PasswordChanged => "user.password_changed",
            Self::PostCreated => "post.created",
            Self::PostChanged => "post.changed",
            Self::PostPublished => "post.published",
            Self::PostDeleted => "post.deleted",
            Self::CommentCreated => "comment.created",
            Self::CommentDeleted => "comment.deleted",
            Self::ReportReady => "report.ready",
        }
    }
}

/// A row of the outbox. Its kind is text: another version may know more of them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Event {
    pub id: EventId,
    pub kind: String,
    pub entity_id: EntityId,
    /// Who did it; None for somebody who was not logged in.
    pub actor_id: Option<UserId>,
    pub request_id: Option<String>,
    /// Where on a trace it was told; none off a trace.
    pub trace_parent: Option<String>,
    pub detail: Option<Json<Value>>,
    pub occurred_at: Timestamp,
}

impl Event {
    pub fn is(&self, kind: Kind) -> bool {
        self.kind == kind.as_str()
    }

    /// The table of what it is about.
    pub fn entity(&self) -> String {
        let about = self.kind.split_once('.').map_or("", |(about, _)| about);
        format!("{about}s")
    }
}
