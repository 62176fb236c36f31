//! The subscriber that keeps every event in the audit log. The line has the event's own key, so there is one however often the
//! event comes.

use async_trait::async_trait;

use super::{Event, Subscriber};
use crate::audit;
use crate::database::Work;

/// Keeps who did what.
#[derive(Debug)]
pub struct Audit;

#[async_trait]
impl Subscriber for Audit {
    fn name(&self) -> &'static str {
        "audit"
    }

    fn wants(&self, _event: &Event) -> bool {
        true
    }

    fn acts_outside(&self) -> bool {
        false
    }

    async fn record(&self, work: &mut Work<'_>, event: &Event) -> Result<(), sqlx::Error> {
        audit::record(work, event).await
    }
}
