//! `opsctl backup` as an operator meets it: the real program, real files, real deaths.
#![allow(clippy::unwrap_used)]

mod commands;
mod deaths;
mod place;
