//! Owns what the process is told from outside: command line and environment variables, with what an environment chooses and what
//! it refuses. Reads each once, at start, and hands typed values on. Never reads the environment later.

mod arguments;
mod auth_service;
mod aws;
mod cache_kind;
mod environment;
mod features;
mod finding;
mod http_settings;
mod jwt_keys;
mod mail;
mod names;
mod reading;
pub mod reference;
mod refusals;
pub mod registry;
mod secret;
mod storage;
mod traces;
mod variable;
mod variables;
mod ways;

pub use arguments::{Invocation, Role};
pub use auth_service::AuthServiceSettings;
pub use cache_kind::CacheKind;
pub use environment::{Environment, LogLevel, Mail, Profile, Shared, Strictness};
pub use finding::{ConfigError, Findings};
pub use http_settings::HttpSettings;
pub use jwt_keys::{JwtKeys, ed25519};
pub use mail::{MailSettings, is_encrypted};
pub use reading::{Config, SecretsSettings};
pub use refusals::database_is_encrypted;
pub use registry::{JWT_SECRET, JWT_SECRET_NEXT, SMTP_URL};
pub use secret::Secret;
pub use storage::{Addressing, Bucket, StoragePlace};
pub use traces::TracesSettings;
pub use ways::{DatabaseSource, ReplicaSettings, TlsFiles};
