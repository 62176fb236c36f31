//! The client against a real registry: what is sent, what is proven, and what happens when something goes wrong.
#![allow(clippy::unwrap_used)]

mod access;
mod faults;
mod folder;
mod moving;
mod stage;
