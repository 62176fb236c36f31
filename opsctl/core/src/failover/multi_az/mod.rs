//! The steps of a failover to the standby that a service keeps: told once, and waited for until the standby serves.

mod arrive;
mod fail_over;
mod observe;

pub use arrive::Arrive;
pub use fail_over::{FailOver, asked_key};
pub use observe::Observe;
