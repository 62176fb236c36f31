//! Evidence: what a drill saw, signed and chained, so that anybody can check it offline.
//!
//! Owns the document, the chain and its verification. Never holds a private key longer than one
//! signature, and never decides a verdict: the drill does.

mod chain;
mod document;
mod region;
mod report;
mod sign;
mod verify;

pub use chain::{Entry, append, find, list, newest_passed};
pub use document::{
    Check, Evidence, EvidenceVerdict, FailoverOf, Integrity, Lane, Level, Phase, Reconciliation,
    RecoveryPointOf, Representative, Rpo, RpoMethod, Rto, SelfTestOf, Signature,
    TableReconciliation, TrialOf, Warm,
};
pub use region::{PartOf, RegionOf, WorkloadsOf};
pub use report::render;
pub use sign::{EvidenceKey, key_id};
pub use verify::{Chain, Fault, Head, verify};
