//! Turns requests away while there is no room for more: an answer at once that says when to come again is better than one that
//! comes when nobody waits for it any more.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Counted by whoever reads the measurements.
pub const SHED: &str = "http_requests_shed_total";

/// One of as many places as requests may be worked on at once, or none. A write keeps its place when its client leaves.
pub fn place(places: &Semaphore) -> Option<SemaphorePermit<'_>> {
    let place = places.try_acquire().ok();
    if place.is_none() {
        metrics::counter!(SHED).increment(1);
    }
    place
}
