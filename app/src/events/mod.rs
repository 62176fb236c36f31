//! Owns what happens after a change, beside the request that made it: the outbox, written in the change's own transaction; the
//! publisher, who makes a delivery of each event for each subscriber; the bus, which tells them that there is one; and the
//! subscribers. The table is the truth and the bus only saves waiting: whatever it loses is found in the table. A request
//! never waits for any of this, and nothing here acts while the effects of the database are held.

mod backoff;
mod bus;
mod courier;
mod dead_letters;
mod delivery;
mod event;
mod mailing;
mod outbox;
mod pruning;
mod publisher;
mod subscriber;
mod tracing_audit;
mod troubled;
mod waiting;
mod working;

pub(crate) use backoff::{Next, TRIES, after};
pub use bus::{Bus, InProcess, STREAM, Streams};
pub use courier::Courier;
pub use dead_letters::routes;
pub use event::{Event, Kind};
pub use mailing::Mailing;
pub use outbox::Outbox;
pub use pruning::prune;
pub use publisher::Publisher;
pub use subscriber::{Failed, Subscriber};
pub use tracing_audit::Audit;
pub(crate) use troubled::Troubled;
pub use waiting::{Waiting, waiting};
pub use working::{tell, work};
