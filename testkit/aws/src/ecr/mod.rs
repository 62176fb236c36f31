//! ECR: repositories of an account in a region before a real registry, with tokens that end, and tags that never move.
//!
//! Within an account everybody may do everything, and nobody in another's: policies of repositories are not reproduced.

mod actions;
mod door;
mod front;
mod images;
mod lifecycle;
mod passing;
mod replication;
mod repositories;
mod rules;
mod state;
mod tokens;

pub use front::Ecr;
