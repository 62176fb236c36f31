//! Nothing goes over a network in the clear where it must not: what the service speaks, and how it speaks to its database.

mod database;
mod renewal;
mod serving;
