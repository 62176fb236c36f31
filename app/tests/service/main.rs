//! The service as its clients and its operators see it: a real listener, real databases, both engines.

mod business;
mod cache;
mod contract;
mod encryption;
mod events;
mod faults;
mod features;
mod gateway;
mod jobs;
mod limits;
mod operations;
mod protection;
mod replica;
mod resources;
mod schema;
mod secrets;
mod sessions;
mod support;
mod traces;
