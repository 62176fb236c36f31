//! Proof on real servers: what is whole raises no alarm, what is damaged is named.
#![allow(clippy::unwrap_used)]

#[path = "../cluster/archiver.rs"]
mod archiver;
#[path = "../cluster/site.rs"]
#[allow(
    dead_code,
    reason = "the cluster's own tests use the rest of this room"
)]
mod site;

mod any_schema;
mod damage;
mod stage;
mod whole;
