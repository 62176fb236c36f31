//! Whoever is on call, for tests and rehearsals: takes what Alertmanager hands over, calls people as the escalation policy says, and goes
//! on until somebody takes it up.
//!
//! Time is an input. Calls nobody really: every call is written into a book.

mod book;
mod clock;
mod policy;
mod server;
mod webhook;

pub use book::{Book, Call, NotOpen};
pub use clock::{Clock, HandMoved, Moment, SinceStart};
pub use policy::{Policy, Severity, Way};
pub use server::OnCall;
pub use webhook::{Alert, Status};
