//! Who acts on events.

use async_trait::async_trait;

use super::Event;
use crate::database::{Work, Writer};

/// Why somebody could not act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// It may go well another time.
    #[error("{0}")]
    Passing(String),
    /// It was refused, and asking again will hardly help.
    #[error("{0}")]
    Lasting(String),
}

impl Failed {
    pub fn is_lasting(&self) -> bool {
        matches!(self, Self::Lasting(_))
    }
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self::Passing(error.to_string())
    }
}

/// Acts on each event that it wants.
#[async_trait]
pub trait Subscriber: Send + Sync {
    /// Under which its deliveries are kept. Never changes.
    fn name(&self) -> &'static str;

    fn wants(&self, event: &Event) -> bool;

    /// Whether it acts outside of the database: then each event is ended for itself, as soon as it was acted on.
    fn acts_outside(&self) -> bool;

    /// Acts outside of the database. Happens again when the process dies before it could note that it happened.
    async fn act(&self, _writer: &Writer, _event: &Event) -> Result<(), Failed> {
        Ok(())
    }

    /// Acts inside the database, in the transaction that ends the delivery: exactly once.
    async fn record(&self, _work: &mut Work<'_>, _event: &Event) -> Result<(), sqlx::Error> {
        Ok(())
    }
}
