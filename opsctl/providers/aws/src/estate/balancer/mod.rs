//! The load balancer that Terraform calls after the environment: what it does on its ports, where requests go, and how those are who get them.

mod door;
mod listeners;
mod routes;
mod targets;

pub use door::{describe, find, name};
pub use listeners::{listener, tls_policy};
pub use routes::routes;
pub use targets::{target_group, targets};
