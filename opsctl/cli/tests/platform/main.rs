//! The platform as an operator meets it: the real program, the real application, real databases.
#![allow(clippy::unwrap_used)]

mod conform;
mod cut_over;
mod deaths;
mod drill;
mod failover;
mod operators;
mod place;
mod postgres;
mod read_only;
mod rotation;
mod rows;
mod runbooks;
mod scratch;
mod secrets;
mod self_test;
mod service;
mod set_aside;
mod up;
