//! PostgreSQL: a cluster of this machine, its backups, its copies, and every statement that opsctl sends.
//!
//! Implements opsctl's ports; holds no rule of any operation.

mod backups;
pub mod cluster;
pub mod connect;
mod copies;
pub mod databases;
mod dump;
pub mod inspect;
mod log_positions;
mod logins;
pub mod passwords;
mod prober;
mod provision;
mod replicas;
pub mod rows;
pub mod sabotage;
pub mod schema;
pub mod seed;

pub use backups::PostgresBackups;
pub use copies::PostgresCopies;
pub use dump::PostgresDumps;
pub use log_positions::PostgresLogPositions;
pub use logins::PostgresLogins;
pub use prober::PostgresProber;
pub use provision::PostgresProvision;
pub use replicas::PostgresReplicas;
