//! Brings deliveries to one subscriber. Any number may run for the same one: each delivery is in one hand at a time, and what a
//! killed process held is taken up again when its claim runs out. Mails are sent and noted under one writer, so whoever waits
//! for the writes in flight waits for them too: nothing goes out after the platform has begun to stand aside.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use tracing::{Instrument, Span};

use super::backoff::Next;
use super::delivery::{self, Claim, Claimed};
use super::{Event, Failed, Subscriber, outbox};
use crate::clock::Clock;
use crate::database::{Actor, Database, LeaseId, Timestamp, Work, Writer};
use crate::http::ApiError;
use crate::telemetry::traces::{self, SPANS};

/// Longer than any try may take.
const LEASE: Duration = Duration::from_secs(60);
/// For one try outside of the database. A mode that refuses writes waits for it.
const TRY: Duration = Duration::from_secs(25);
/// Deliveries in hand at once.
const INSIDE: i64 = 100;
const OUTSIDE: i64 = 8;

/// One a worker and subscriber.
#[derive(Clone)]
pub struct Courier {
    pub database: Database,
    pub clock: Clock,
    pub subscriber: Arc<dyn Subscriber>,
}

/// What is in hand.
struct Hand<'a> {
    writer: &'a Writer,
    lease: LeaseId,
    now: Timestamp,
}

impl Courier {
    /// Delivers what is due, one batch; how many deliveries were tried.
    pub async fn round(&self) -> Result<usize, ApiError> {
        let name = self.subscriber.name();
        let reader = self.database.read()?;
        let now = self.clock.now(reader.engine()).await?;
        // Asked first and of a reader: an idle process writes nothing, and waits for no writer.
        if !delivery::is_waiting(&reader, name, now).await? {
            return Ok(0);
        }
        drop(reader);
        let writer = self.database.write()?;
        let now = self.clock.now(writer.engine()).await?;
        let lease = LeaseId::new();
        let hand = Hand {
            writer: &writer,
            lease,
            now,
        };
        let claimed = self.claim(&hand).await?;
        let tried = claimed.len();
        match self.subscriber.acts_outside() {
            true => {
                let each = claimed.iter().map(|one| {
                    let span = self.span(&one.1);
                    self.deliver(&hand, one).instrument(span)
                });
                for ended in join_all(each).await {
                    ended?;
                }
            }
            false => self.end_together(&hand, &claimed).await?,
        }
        Ok(tried)
    }

    async fn claim(&self, hand: &Hand<'_>) -> Result<Vec<(Claimed, Event)>, ApiError> {
        let mut work = Work::begin(hand.writer, Actor::default()).await?;
        let claim = Claim {
            subscriber: self.subscriber.name(),
            now: hand.now,
            until: hand.now.plus(LEASE),
            lease: hand.lease,
            most: if self.subscriber.acts_outside() {
                OUTSIDE
            } else {
                INSIDE
            },
        };
        let claimed = delivery::claim(&mut work, claim).await?;
        let events = outbox::held_by(&mut work, hand.lease).await?;
        work.commit().await?;
        let with_event = |one: Claimed| {
            let event = events.iter().find(|event| event.id == one.event_id);
            event.map(|event| (one, event.clone()))
        };
        Ok(claimed.into_iter().filter_map(with_event).collect())
    }

    /// On the trace of whatever made the event happen.
    fn span(&self, event: &Event) -> Span {
        let span = tracing::info_span!(target: SPANS, "deliver",
            otel.kind = "consumer", subscriber = self.subscriber.name(), event = %event.id,
            kind = event.kind, request_id = event.request_id);
        traces::go_on(&span, event.trace_parent.as_deref());
        span
    }

    /// Outside of the database, then the note that it was done.
    async fn deliver(&self, hand: &Hand<'_>, one: &(Claimed, Event)) -> Result<(), ApiError> {
        let (claimed, event) = one;
        let acting = AssertUnwindSafe(self.subscriber.act(hand.writer, event)).catch_unwind();
        let acted = match tokio::time::timeout(TRY, acting).await {
            Ok(Ok(acted)) => acted,
            Ok(Err(_panic)) => Err(Failed::Passing("the subscriber panicked".into())),
            Err(_) => Err(Failed::Passing(format!(
                "took longer than {} s",
                TRY.as_secs()
            ))),
        };
        let mut work = Work::begin(hand.writer, on_behalf_of(event)).await?;
        match acted {
            Ok(()) => {
                self.subscriber.record(&mut work, event).await?;
                delivery::done(&mut work, claimed.id, hand.lease, hand.now).await?;
            }
            Err(failure) => self.put_off(&mut work, hand, one, &failure).await?,
        }
        Ok(work.commit().await?)
    }

    /// Inside of the database: all of them, or each for itself where one of them fails.
    async fn end_together(
        &self,
        hand: &Hand<'_>,
        claimed: &[(Claimed, Event)],
    ) -> Result<(), ApiError> {
        let Err(error) = self.record_all(hand, claimed).await else {
            return Ok(());
        };
        tracing::debug!(error = %error, "deliveries that failed together are tried one by one");
        for one in claimed {
            let Err(error) = self.record_all(hand, std::slice::from_ref(one)).await else {
                continue;
            };
            let mut work = Work::begin(hand.writer, Actor::default()).await?;
            let failure = Failed::Passing(error.to_string());
            self.put_off(&mut work, hand, one, &failure).await?;
            work.commit().await?;
        }
        Ok(())
    }

    async fn record_all(
        &self,
        hand: &Hand<'_>,
        claimed: &[(Claimed, Event)],
    ) -> Result<(), ApiError> {
        let mut work = Work::begin(hand.writer, Actor::default()).await?;
        for (claimed, event) in claimed {
            // Whoever lost it records nothing: another holds it, and will.
            if delivery::done(&mut work, claimed.id, hand.lease, hand.now).await? {
                let recording = self.subscriber.record(&mut work, event);
                recording.instrument(self.span(event)).await?;
            }
        }
        Ok(work.commit().await?)
    }

    async fn put_off(
        &self,
        work: &mut Work<'_>,
        hand: &Hand<'_>,
        (claimed, event): &(Claimed, Event),
        failure: &Failed,
    ) -> Result<(), sqlx::Error> {
        let next = delivery::failed(work, *claimed, hand.lease, hand.now, failure).await?;
        let (subscriber, error) = (self.subscriber.name(), failure.to_string());
        let (event, attempt) = (event.id, claimed.attempts);
        match next {
            Next::Again(pause) => {
                let seconds = pause.as_secs();
                tracing::warn!(subscriber, event = %event, attempt, seconds, error, "a delivery failed and is tried again");
            }
            Next::Dead => {
                tracing::error!(subscriber, event = %event, attempt, error, "a delivery is given up: GET /api/admin/dead-letters");
            }
        }
        Ok(())
    }
}

fn on_behalf_of(event: &Event) -> Actor {
    Actor {
        user: event.actor_id,
        request_id: event.request_id.clone(),
    }
}
