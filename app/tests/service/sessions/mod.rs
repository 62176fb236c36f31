//! Log-ins that last: refresh, log-out, passwords, guessing.

mod guessing;
mod lasting;
mod matrix;
