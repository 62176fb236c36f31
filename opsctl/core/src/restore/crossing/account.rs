//! Counts and lists what only the old database holds. Nothing of it is deleted: the old one is kept.

use async_trait::async_trait;

use super::fence::Fenced;
use super::side::SharedCrossing;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::{OperationId, StepName};
use crate::ports::{Copy, Location, TableDifference};
use crate::restore::names::{ACCOUNT, FENCE, START, step};
use crate::state::{Key, StoreError, encode};

/// So many keys a table are listed; the counts are whole.
const LISTED: u32 = 1000;

/// What the old database holds and the new one does not.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "beyond", rename_all = "snake_case")]
pub enum Beyond {
    /// Counted, table by table: *first* is the old database, *second* the new one.
    Counted {
        /// The tables that differ.
        tables: Vec<TableDifference>,
        /// Where the list is kept, in the state store.
        record: String,
    },
    /// It can't be told.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// Where the account of an operation is kept.
pub fn record_key(operation: &OperationId) -> Key {
    Key::of(&["restores", operation.as_str(), "beyond.json"])
}

/// Compares the old database with the one that takes over; `None` for the copy of this very operation.
pub struct Account(pub SharedCrossing, pub Option<Location>);

impl Account {
    fn new_side(&self, context: &StepContext<'_>) -> Result<Location> {
        match &self.1 {
            Some(location) => Ok(location.clone()),
            None => Ok(context.outputs.get::<Copy>(START)?.location),
        }
    }
}

#[async_trait]
impl Step for Account {
    type Output = Beyond;

    fn name(&self) -> StepName {
        step(ACCOUNT)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Beyond>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Beyond> {
        if let Fenced::Owed { reason } = context.outputs.get(FENCE)? {
            return Ok(Beyond::Unknown { reason });
        }
        let new = self.new_side(context)?;
        let old = &self.0.old.administrator;
        let rows = &self.0.world.rows;
        let mut tables = rows.differences(old, &new, LISTED).await?;
        tables.retain(|table| !table.is_empty());
        permit.check()?;
        let key = record_key(&self.0.operation);
        let record = key.to_string();
        let beyond = Beyond::Counted { tables, record };
        let store = &self.0.world.store;
        match store.create(&key, &encode(&beyond)?).await {
            Ok(()) => Ok(beyond),
            // Written by a run that died; the old database is fenced, so it says the same.
            Err(StoreError::Conflict(_)) => Ok(beyond),
            Err(error) => Err(error.into()),
        }
    }

    async fn verify(&self, _: &StepContext<'_>, output: &Beyond) -> Result<()> {
        let key = record_key(&self.0.operation);
        match output {
            Beyond::Counted { .. } if self.0.world.store.read(&key).await?.is_none() => {
                Err(Failure::new(
                    FailureKind::Unknown,
                    format!("the list '{key}' was not kept"),
                ))
            }
            _ => Ok(()),
        }
    }
}
