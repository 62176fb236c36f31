//! What `opsctl.yaml` says of an environment: identity, protection, targets, promises.
//!
//! Owns the types and their rules (unknown keys are refused). Never reads a file: `cli/config` does.

mod abroad;
mod aws;
mod duration;
mod environments;
mod gate;
mod promises;
mod runner;
mod schedule;
mod settings;
mod webhook;
mod workloads;

pub use abroad::AbroadSettings;
pub use aws::{AccountId, AwsBuckets, AwsSettings, RdsSettings, RestoreWith, Tls};
pub use duration::Span;
pub use environments::{
    Configuration, DatabaseTarget, Environment, EnvironmentSettings, Protection, TrustedKey,
};
pub use gate::{GateSettings, OnUnavailable, Scheme};
pub use promises::Promises;
pub use runner::RunnerSettings;
pub use schedule::{ScheduleSettings, Timing};
pub use settings::{
    BackupSettings, ChangeTrace, DrillSettings, GuardSettings, ImageSettings, Latest, LockSettings,
    MigrateSettings, SecretSettings,
};
pub use webhook::{Moment, Webhook, WebhookAddress};
pub use workloads::{Freeze, LocalSecrets, Patience, WorkloadSettings};
