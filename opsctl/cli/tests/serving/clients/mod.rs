//! People who ask the service: many, from many addresses, each with connections that are kept for a while.

mod connection;
mod load;
mod person;
mod tally;
mod visitor;

pub use connection::Site;
pub use load::Load;
pub use visitor::Visitor;
