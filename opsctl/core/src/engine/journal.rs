//! The journal: numbered immutable records, the resume log, the audit trail and the history.
//!
//! Each append is conditional on its number: of two runners, one loses and stops. That is the fence.

use std::collections::BTreeMap;

use serde_json::Value;

use super::decoding::{decode_record, newer};
use super::{Outcome, Outputs, Plan, Record, RecordKind, Runner};
use crate::clock::Timestamp;
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Principal;
use crate::names::{OperationId, StepName};
use crate::state::{Key, StateStore, StoreError, encode};

/// An append position in one operation's journal.
pub struct Journal<'a> {
    store: &'a dyn StateStore,
    operation: OperationId,
    next: u32,
    taken_over: bool,
}

impl<'a> Journal<'a> {
    /// Begins the journal of a new operation.
    ///
    /// # Errors
    /// When an operation of that id exists already.
    pub async fn open(
        store: &'a dyn StateStore,
        plan: &Plan,
        runner: &Runner,
        at: Timestamp,
    ) -> Result<Self> {
        let mut journal = Self {
            store,
            operation: plan.operation.clone(),
            next: 1,
            taken_over: false,
        };
        let kind = RecordKind::Opened {
            format: RecordKind::FORMAT,
            plan: Box::new(plan.clone()),
            runner: runner.clone(),
        };
        journal.append(at, kind).await?;
        Ok(journal)
    }

    /// Goes on after what was read.
    #[must_use]
    pub fn after(store: &'a dyn StateStore, view: &JournalView) -> Self {
        Self {
            store,
            operation: view.plan.operation.clone(),
            next: view.last_number + 1,
            taken_over: false,
        }
    }

    /// Writes the next record; it is durable when this returns.
    ///
    /// # Errors
    /// [`FailureKind::Locked`] when another runner wrote it first.
    pub async fn append(&mut self, at: Timestamp, kind: RecordKind) -> Result<()> {
        let key = Key::record(&self.operation, self.next);
        let bytes = encode(&Record { at, kind })?;
        let written = self.store.create(&key, &bytes).await;
        self.taken_over |= matches!(written, Err(StoreError::Conflict(_)));
        written.map_err(|error| match error {
            StoreError::Conflict(_) => {
                let id = &self.operation;
                Failure::new(
                    FailureKind::Locked,
                    format!("another runner took over {id}"),
                )
                .left("this process stopped before its next step")
                .hint(format!("opsctl operation attach {id}"))
            }
            other => other.into(),
        })?;
        self.next += 1;
        Ok(())
    }
}

impl Journal<'_> {
    /// True once another runner wrote a record in our place.
    #[must_use]
    pub const fn is_taken_over(&self) -> bool {
        self.taken_over
    }
}

/// What the journal says of one step.
#[derive(Debug, Clone, PartialEq)]
pub enum StepHistory {
    /// It began, and nothing more is known.
    Started,
    /// It ended well; this is its output.
    Finished(Value),
    /// It failed.
    Failed(Failure),
}

/// A journal, read.
#[derive(Debug, Clone)]
pub struct JournalView {
    /// The plan.
    pub plan: Plan,
    /// Who ran it last.
    pub runner: Runner,
    /// All records, in order.
    pub records: Vec<Record>,
    /// What each step came to.
    pub steps: BTreeMap<StepName, StepHistory>,
    /// How it ended; `None` while it is open.
    pub outcome: Option<Outcome>,
    /// Why it stopped, when the last run stopped at a boundary.
    pub stopped: Option<String>,
    /// True when the last record was only half there, and so counts as never written.
    pub torn: bool,
    /// The number of the last record, torn or not.
    pub last_number: u32,
}

impl JournalView {
    /// Reads an operation's journal.
    ///
    /// # Errors
    /// When there is none, when it was written by a newer opsctl, or when a record other than the last
    /// can't be read.
    pub async fn read(store: &dyn StateStore, operation: &OperationId) -> Result<Self> {
        let keys = store.list(&Key::journal(operation)).await?;
        let mut records: Vec<Record> = Vec::with_capacity(keys.len());
        // A record that was only half there; whoever goes on after it says so in the next one.
        let mut half: Option<Failure> = None;
        for (index, key) in keys.iter().enumerate() {
            let bytes = store.read(key).await?.unwrap_or_default();
            match decode_record(key, &bytes) {
                Ok(record) => match half.take() {
                    Some(failure) if !goes_on(&record.kind) => return Err(failure),
                    _ => records.push(record),
                },
                Err(failure) if index > 0 && half.is_none() && !newer(&bytes) => {
                    half = Some(failure);
                }
                Err(failure) => return Err(failure),
            }
        }
        let torn = half.is_some();
        let last = keys.last().map_or(0, number_of);
        Self::replay(operation, records, torn, last)
    }

    fn replay(id: &OperationId, records: Vec<Record>, torn: bool, last: u32) -> Result<Self> {
        let Some(RecordKind::Opened { plan, runner, .. }) = records.first().map(|r| &r.kind) else {
            return Err(Failure::usage(format!("there is no operation '{id}'"))
                .hint("opsctl operation list"));
        };
        let mut view = Self {
            plan: (**plan).clone(),
            runner: runner.clone(),
            steps: BTreeMap::new(),
            outcome: None,
            stopped: None,
            torn,
            last_number: last,
            records: Vec::new(),
        };
        for record in &records {
            view.take(&record.kind);
        }
        view.records = records;
        Ok(view)
    }

    fn take(&mut self, kind: &RecordKind) {
        match kind {
            RecordKind::Opened { .. } => {}
            RecordKind::Resumed { runner } => {
                self.runner = runner.clone();
                self.stopped = None;
            }
            RecordKind::StepStarted { step } => {
                self.steps.insert(step.clone(), StepHistory::Started);
            }
            RecordKind::StepFinished { step, output, .. } => {
                self.steps
                    .insert(step.clone(), StepHistory::Finished(output.clone()));
            }
            RecordKind::StepFailed { step, failure } => {
                self.steps
                    .insert(step.clone(), StepHistory::Failed(failure.clone()));
            }
            RecordKind::SteppedBack { step } => {
                self.steps.remove(step);
            }
            RecordKind::Stopped { reason } => self.stopped = Some(reason.clone()),
            RecordKind::Closed(outcome) => self.outcome = Some(outcome.clone()),
        }
    }

    /// Who began it, and so agreed to its plan.
    #[must_use]
    pub fn began(&self) -> Option<&Principal> {
        match &self.records.first()?.kind {
            RecordKind::Opened { runner, .. } => Some(&runner.principal),
            _ => None,
        }
    }

    /// True until it is closed.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    /// The steps that began, in any run.
    #[must_use]
    pub fn begun(&self) -> Vec<StepName> {
        self.steps.keys().cloned().collect()
    }

    /// What the finished steps put out.
    #[must_use]
    pub fn outputs(&self) -> Outputs {
        let mut outputs = Outputs::default();
        for (step, history) in &self.steps {
            if let StepHistory::Finished(output) = history {
                outputs.put(step, output.clone());
            }
        }
        outputs
    }

    /// The first failure of a step, if one failed and was not done over since.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        let failed = |record: &Record| match &record.kind {
            RecordKind::StepFailed { step, .. } => Some(step.clone()),
            _ => None,
        };
        self.records
            .iter()
            .filter_map(failed)
            .find_map(|step| match self.steps.get(&step) {
                Some(StepHistory::Failed(failure)) => Some(failure),
                _ => None,
            })
    }
}

/// Every operation that the store knows, by id.
///
/// # Errors
/// When the store can't be listed.
pub async fn list_operations(store: &dyn StateStore) -> Result<Vec<OperationId>> {
    let mut ids: Vec<OperationId> = Vec::new();
    for key in store.list(&Key::operations()).await? {
        let id = key
            .as_str()
            .split('/')
            .nth(1)
            .and_then(|id| OperationId::new(id).ok());
        if let Some(id) = id.filter(|id| ids.last() != Some(id)) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// What is written by somebody who has read the journal as it lay there.
const fn goes_on(kind: &RecordKind) -> bool {
    matches!(kind, RecordKind::Resumed { .. } | RecordKind::Closed(_))
}

fn number_of(key: &Key) -> u32 {
    key.name()
        .trim_end_matches(".json")
        .parse()
        .unwrap_or_default()
}
