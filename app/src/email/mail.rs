//! A mail, and who sends one.

use async_trait::async_trait;

/// What is said: a subject and a text, the text as HTML too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A letter to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// An address. What is none is refused when it is sent.
    pub to: String,
    /// Becomes the Message-ID, with the sender's domain: letters, digits, `.`, `-` and `_`. The same mail has the same one.
    pub id: String,
    pub letter: Letter,
}

/// Why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It will not be taken another time either.
    #[error("{0}")]
    Refused(String),
    /// Nobody took it; perhaps later.
    #[error("{0}")]
    Failed(String),
}

/// A way out.
#[async_trait]
pub trait Mailer: std::fmt::Debug + Send + Sync {
    /// Returns when somebody else has taken the mail over. Where the way breaks after that and before it is known, the mail is
    /// sent though this says that it failed.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
