//! What every command has in common, on the real program: configuration, questions, outputs, deaths.
#![allow(clippy::unwrap_used)]

mod adopt;
mod answers;
mod configuration;
mod conform;
mod documents;
mod environments;
mod journal;
mod maintenance;
mod operators;
mod outputs;
mod place;
mod postgres_place;
mod running;
mod schedule;
mod secrets;
mod signals;
mod webhooks;
mod workflows;
