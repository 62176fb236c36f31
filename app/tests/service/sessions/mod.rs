//! Log-ins that last: refresh, log-out, passwords, guessing.

mod cached;
mod guessing;
mod keys;
mod lasting;
mod matrix;
mod runbook;
