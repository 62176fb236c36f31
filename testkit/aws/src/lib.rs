//! An AWS for tests and rehearsals that behaves: signatures are checked, states take their time and come in AWS's order, what AWS
//! refuses is refused with AWS's codes, and what is restored holds real data.
//!
//! README.md says per operation what is reproduced and by which test. Depends on testkit alone and never runs outside tests and
//! `cargo xtask rehearse`.

mod accounts;
mod aws;
pub mod buckets;
mod clock;
mod console;
mod course;
pub mod ecr;
pub mod eks;
pub mod elasticache;
mod endpoint;
pub mod ground;
mod kms;
mod paging;
pub mod rds;
pub mod rehearsal;
mod relay;
pub mod route53;
mod secrets_manager;
mod sts;

pub use accounts::{Account, Keys};
pub use aws::Aws;
pub use clock::{Clock, Moment};
pub use console::{Console, Told};
pub use endpoint::{Call, Fault, Faults, Rule, Service, Times};
pub use secrets_manager::SecretsManager;
