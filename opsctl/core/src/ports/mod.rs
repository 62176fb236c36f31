//! The outside world, as object-safe traits that providers implement.
//!
//! Every method that changes anything takes a [`crate::guard::Permit`]; reads never do. Names of what is
//! created come from the operation's id, so that a lost answer is adopted and never doubled.

mod abroad;
mod application;
mod away;
mod backups;
mod cache;
mod cluster;
mod copies;
mod database;
mod descriptor;
mod dumps;
mod estate;
mod inspected;
mod inspector;
mod keys;
mod live;
mod outside;
mod pod_metrics;
mod pod_secrets;
mod prober;
mod registry;
mod replicas;
mod rows;
mod saboteur;
mod schema;
mod secrets;
mod seeder;
mod sizes;
mod standby;
mod world;

pub use abroad::Abroad;
pub use application::{Application, ProbeAnswer, ProbeRequest, ProcessReport};
pub use away::{AwayPorts, Part, PartState, Readiness};
pub use backups::{
    Away, BackupFault, BackupFinding, BackupRecord, Backups, RecoveryPoint, RestoreWindow,
};
pub use cache::{
    CacheGroup, CacheLook, CacheNode, CachePorts, Happened, NodeRole, Slots, Through, Told,
    Visitors,
};
pub use cluster::{
    Access, Change, Cluster, ClusterIdentity, Listed, LogRequest, PodRequest, Refusal,
    RefusalReason, Scope,
};
pub use copies::{Copies, Copy, CopyState, Isolation, RecoveryTarget};
pub use database::{
    Database, DatabaseIdentity, DatabaseRole, Databases, Effects, Engine, Location, ProbeRow,
};
pub use descriptor::{Descriptor, Mode, Pointer};
pub use dumps::{Chunks, Dump, DumpFacts, Dumps};
pub use estate::{Asset, Estate};
pub use inspected::{
    Buckets, Deletion, Digest, EngineCheck, Fate, RowDigest, Settings, Structure, Table, TableName,
};
pub use inspector::{Inspection, Inspector, Reading};
pub use keys::EvidenceKeys;
pub use live::{LiveFacts, OldTransaction, TableFacts};
pub use outside::{Answered, Asked, Outside, TlsVersion};
pub use pod_metrics::{Measured, PodMetrics};
pub use pod_secrets::PodSecrets;
pub use prober::{Prober, ProberSession, Sent};
pub use registry::{Brought, ImagePlace, Registry, RegistryError, RegistryLogins};
pub use replicas::{FailoverPorts, Following, LogPositions, Position, ReplicaState, Replicas};
pub use rows::{
    Batch, Filter, ForeignKey, OnDelete, Row, RowTransfer, Selection, Shape, TableDifference,
    TableShape, Unique, Value,
};
pub use saboteur::Saboteur;
pub use schema::{Applied, Provision, Provisioned, Schema};
pub use secrets::{
    AdministratorPassword, Changed, Follower, LoginSession, LoginTrial, Logins, Mark,
    SecretDelivery, SecretFacts, SecretStore, SecretValue, Stage, VersionFacts, VersionId,
};
pub use seeder::Seeder;
pub use sizes::{Sizes, Sizing};
pub use standby::{Asked as FailoverAsked, Availability, Standby, Standing};
pub use world::{SecretPorts, World};
