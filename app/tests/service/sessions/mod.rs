//! Log-ins that last: refresh, log-out, passwords, guessing.

mod auth_role;
mod cached;
mod guessing;
mod keys;
mod lasting;
mod matrix;
mod runbook;
