//! Tells subscribers that there is something for them. What a bus loses is found in the table a little later, so no bus has to
//! be durable, and none is waited for.

mod in_process;
mod streams;

pub use in_process::InProcess;
pub use streams::{STREAM, Streams};

use async_trait::async_trait;

use super::Event;

/// A way from publishers to subscribers.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Tells everybody who listens.
    async fn publish(&self, events: &[Event]);

    /// Returns when there is something for this subscriber.
    async fn wait(&self, subscriber: &'static str);

    /// Everything that this subscriber was told of has been looked at.
    async fn looked(&self, subscriber: &'static str);
}
