//! An environment's account of AWS: who asks there, its state, its database and backups, its secrets.
//!
//! Asks as whoever AWS's own chain finds and keeps no keys. Nothing is written before the account is the one that `opsctl.yaml` names.

mod account;
mod cache;
mod ecr;
pub mod eks;
mod estate;
mod exports;
mod keys;
mod master;
mod moments;
mod pointer;
mod rds;
mod readiness;
mod secret_values;
mod secrets;
mod silence;
mod standby;
mod state;
mod trouble;

pub use account::{Aws, Side};
pub use cache::{ElastiCacheGroup, cache_address};
pub use ecr::{EcrLogins, OfEcr};
pub use estate::AwsEstate;
pub use exports::S3Exports;
pub use keys::SecretKey;
pub use pointer::{StatePointer, WayIn};
pub use rds::{
    APP_AUTHORITY, Master, RdsBackups, RdsCopiedBackups, RdsCopies, RdsCopiesInBoth, RdsProvision,
    RdsReplicas, RdsSite, RdsSizes, Ways,
};
pub use readiness::AwsReadiness;
pub use secrets::{
    AbroadSecrets, AwsDelivery, AwsPods, AwsSecrets, ByWayIn, Hold, PodApplication,
    RdsAdministrator, SecretPointer, Vault, Whereabouts,
};
pub use silence::Tell;
pub use standby::RdsStandby;
pub use state::S3Store;
