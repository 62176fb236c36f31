//! Owns the way to Redis: one server, a primary with replicas, or a cluster, wherever `REDIS_URL` leads. Never mends a connection:
//! whoever finds one broken lets go of it, and of everything that was believed because of it. Knows nothing of what is kept there.

mod addresses;
mod connection;

pub use addresses::addresses;
pub use connection::{Connection, News, Patience};
