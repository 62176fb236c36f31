//! PostgreSQL clusters that opsctl runs from the machine's programs: the database of an environment, its
//! write-ahead log, its base backups, and the copies restored from them.
//!
//! Never touches a cluster that it did not set up, and never runs SQL for anybody but the administrator.

mod access;
mod account;
pub mod archive;
mod archiver;
pub mod backup;
mod binaries;
mod child;
mod configuration;
mod connection;
mod durable;
mod init;
mod layout;
mod local;
mod parallel;
mod record;
mod removal;
pub mod restore;
mod server;
mod server_state;
mod throwaway;

pub use access::{password_in, set_password};
pub use account::Account;
pub use binaries::{Binaries, SearchPlaces, Version};
pub use configuration::{Archiving, QUARANTINE_SETTINGS};
pub use connection::connect;
pub use layout::{ADMINISTRATOR, APP_LOGIN, APP_LOGIN_B, ClusterFolder, DATABASE, Layout};
pub use local::{LocalPostgres, LocalStatus};
pub use record::{ClusterRecord, CopyRecord, Promotion, RecoveryStop};
pub use server::{Leash, Lifetime, Stop, signal};
pub use server_state::{ServerState, state};
pub(crate) use throwaway::ServerProgram;
