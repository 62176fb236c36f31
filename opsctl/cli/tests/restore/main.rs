//! `opsctl restore` as an operator meets it: the real program, the real application, a real database.
#![allow(clippy::unwrap_used)]

mod cut_over;
mod deaths;
mod place;
mod rows;
mod scratch;
mod service;
