//! The record that somebody agreed to a plan, and the value that proves it in code.

use std::time::Duration;

use super::Principal;
use crate::clock::Timestamp;
use crate::engine::Plan;
use crate::failure::{Failure, FailureKind, Result};
use crate::names::EnvironmentName;
use crate::state::{Key, StateStore, StoreError, decode, encode};

/// Somebody's yes to one plan, as it is kept in the state store.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ApprovalRecord {
    /// Who.
    pub principal: Principal,
    /// To which plan: its hash.
    pub plan_sha256: String,
    /// In which environment.
    pub environment: EnvironmentName,
    /// When.
    pub given_at: Timestamp,
    /// Until when it counts.
    pub expires_at: Timestamp,
}

/// Proof that the guard let this plan pass. No other room can make one.
#[derive(Debug)]
pub struct Approval {
    pub(super) principal: Principal,
    pub(super) plan_sha256: String,
}

impl Approval {
    /// Who agreed.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The hash of the plan that this approval is for.
    #[must_use]
    pub fn plan_sha256(&self) -> &str {
        &self.plan_sha256
    }
}

/// Keeps a yes to a plan (`opsctl approve`).
///
/// # Errors
/// Refuses a second approval by the same principal; fails when the store can't be written.
pub async fn record_approval(
    store: &dyn StateStore,
    plan: &Plan,
    principal: &Principal,
    now: Timestamp,
    valid_for: Duration,
) -> Result<ApprovalRecord> {
    let record = ApprovalRecord {
        principal: principal.clone(),
        plan_sha256: plan.hash(),
        environment: plan.environment.clone(),
        given_at: now,
        expires_at: now.plus(valid_for),
    };
    let known = approvals_of(store, plan, now).await?;
    if known
        .iter()
        .any(|other| other.principal.name == principal.name)
    {
        return Err(Failure::refused(format!(
            "{principal} has approved this plan already"
        )));
    }
    let key = Key::approvals(&record.plan_sha256).join(&file_name(&record));
    match store.create(&key, &encode(&record)?).await {
        Ok(()) => Ok(record),
        Err(StoreError::Conflict(_)) => Err(Failure::new(
            FailureKind::Locked,
            "the approval is being written already",
        )),
        Err(error) => Err(error.into()),
    }
}

/// The approvals of a plan that count at `now`.
///
/// # Errors
/// When the store can't be read.
pub async fn approvals_of(
    store: &dyn StateStore,
    plan: &Plan,
    now: Timestamp,
) -> Result<Vec<ApprovalRecord>> {
    let mut records = Vec::new();
    for key in store.list(&Key::approvals(&plan.hash())).await? {
        if let Some(bytes) = store.read(&key).await? {
            let record: ApprovalRecord = decode(&key, &bytes)?;
            if record.expires_at > now && record.environment == plan.environment {
                records.push(record);
            }
        }
    }
    Ok(records)
}

fn file_name(record: &ApprovalRecord) -> String {
    use sha2::{Digest, Sha256};
    // The principal's name may hold anything; its hash is a file name.
    let digest = hex::encode(Sha256::digest(&record.principal.name));
    let who: String = digest.chars().take(16).collect();
    format!("{}-{who}.json", record.given_at.compact())
}
