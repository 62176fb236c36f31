//! Takes events out of the outbox, makes a delivery of each for everybody who wants it, and tells the bus. Any number may run:
//! each event is taken by one of them.

use std::sync::Arc;

use tracing::Instrument;

use super::{Bus, Event, Subscriber, delivery, outbox};
use crate::clock::Clock;
use crate::database::{Actor, Database, Reader, Work, each_engine};
use crate::http::ApiError;
use crate::telemetry::traces::SPANS;

/// Events a transaction.
const BATCH: i64 = 100;
const WAITING: &str = "SELECT count(*) FROM (SELECT 1 FROM outbox, database_identity \
    WHERE published_at IS NULL AND role = 'primary' AND effects = 'flowing' LIMIT 1) AS t";

/// One a worker.
#[derive(Clone)]
pub struct Publisher {
    pub database: Database,
    pub clock: Clock,
    pub bus: Arc<dyn Bus>,
    pub subscribers: Vec<Arc<dyn Subscriber>>,
}

impl Publisher {
    /// Publishes what is there; how many events that were.
    pub async fn round(&self) -> Result<usize, ApiError> {
        let mut published = 0;
        // Asked first and of a reader: an idle process writes nothing, and waits for no writer.
        while is_waiting(&self.database.read()?).await? {
            let span = tracing::info_span!(target: SPANS, "publish", otel.kind = "producer");
            let events = self.publish().instrument(span).await?;
            if events == 0 {
                break;
            }
            published += events;
        }
        Ok(published)
    }

    async fn publish(&self) -> Result<usize, ApiError> {
        let writer = self.database.write()?;
        let now = self.clock.now(writer.engine()).await?;
        let mut work = Work::begin(&writer, Actor::default()).await?;
        let events = outbox::take(&mut work, now, BATCH).await?;
        if events.is_empty() {
            return Ok(0);
        }
        for subscriber in &self.subscribers {
            let wanted: Vec<&Event> = events.iter().filter(|one| subscriber.wants(one)).collect();
            if !wanted.is_empty() {
                delivery::make(&mut work, subscriber.name(), &wanted, now).await?;
            }
        }
        work.commit().await?;
        // After the commit: whoever is told must find the delivery. Killed in between, the table tells them instead.
        self.bus.publish(&events).await;
        Ok(events.len())
    }
}

async fn is_waiting(reader: &Reader) -> Result<bool, sqlx::Error> {
    let found: i64 =
        each_engine!(reader, pool => sqlx::query_scalar(WAITING).fetch_one(pool).await)?;
    Ok(found > 0)
}
