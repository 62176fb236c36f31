//! What every look-up in a cache measures. Handles are made once, when there is a recorder.

use std::sync::OnceLock;

use metrics::{Counter, counter, describe_counter};

const REQUESTS: &str = "cache_requests_total";
const CACHES: [&str; 3] = ["users", "posts", "tokens"];

/// Whether it was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Hit,
    Miss,
}

struct Handles {
    hits: [Counter; CACHES.len()],
    misses: [Counter; CACHES.len()],
}

static HANDLES: OnceLock<Handles> = OnceLock::new();

/// A recorder is there.
pub(super) fn describe() {
    describe_counter!(REQUESTS, "Look-ups in a cache, by result");
    let of = |result| CACHES.map(|cache| counter!(REQUESTS, "cache" => cache, "result" => result));
    let handles = HANDLES.get_or_init(|| Handles {
        hits: of("hit"),
        misses: of("miss"),
    });
    for counter in handles.hits.iter().chain(&handles.misses) {
        counter.absolute(0);
    }
}

/// Somebody looked for a copy.
pub fn looked_up(cache: &str, found: Found) {
    let at = CACHES.iter().position(|known| *known == cache);
    let (Some(handles), Some(at)) = (HANDLES.get(), at) else {
        return;
    };
    match found {
        Found::Hit => handles.hits[at].increment(1),
        Found::Miss => handles.misses[at].increment(1),
    }
}
