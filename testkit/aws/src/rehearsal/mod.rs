//! The account of the environment `rehearsal` of opsctl.yaml, as Terraform and the controllers of a cluster would leave it: for game days, and
//! for tests of everything together. Never deploys, migrates or fills anything: that is what is practised.

mod account;
mod cluster;
mod database;
mod files;
mod pods;

pub use account::{BACKUP, Furnished, HOME, NAME, Ports};
pub use cluster::join;
pub use files::Files;
pub use pods::furnish;
