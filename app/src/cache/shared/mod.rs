//! Copies that every process shares, in Redis; each keeps those it uses in its own memory as well, for as long as it hears of
//! changes. Never waits for Redis: without it every reading asks the database, slower and right. Why nothing stale survives is in
//! docs/decisions/0044-cache.md.

mod debts;
mod engine;
mod keeper;
mod link;
mod wire;

pub use engine::Redis;
pub use keeper::keep;
