//! The application's processes on this machine: what each has applied, and a probe on a copy.
//!
//! Owns presence files and the life of a probe. Never starts an application that serves anybody.

mod announcement;
mod local;
mod presence;
mod probe;
mod process;
mod question;
mod traces;

pub use local::LocalApplication;
