//! A permit for tests of providers: a real approval by the guard, and no lock to lose.

use async_trait::async_trait;
use opsctl_core::clock::SystemClock;
use opsctl_core::engine::{EventSink, Progress};
use opsctl_core::guard::{
    Answer, Approval, Confirmation, Leases, Permit, Principal, Question, Rules, approve,
};
use opsctl_core::names::{OperationId, StepName};

use crate::{MemoryStore, plan_of};

/// What lets a test change things through a port.
#[derive(Debug)]
pub struct Grant {
    approval: Approval,
    leases: Leases,
    operation: OperationId,
    step: StepName,
    events: EventSink,
}

impl Grant {
    /// A grant for the operation of that id.
    ///
    /// # Panics
    /// When the id is not a valid name.
    pub async fn new(operation: &str) -> Self {
        let plan = plan_of(operation, &Vec::new());
        let (store, who) = (MemoryStore::default(), Principal::claimed("test"));
        let (rules, answer) = (Rules::default(), Answer::default());
        let approval = approve(
            &store,
            &plan,
            &who,
            &rules,
            &answer,
            &Nobody,
            plan.created_at,
        )
        .await
        .expect("a mild plan needs nobody's answer");
        Self {
            approval,
            leases: Leases::default(),
            operation: plan.operation,
            step: StepName::new("test").expect("a fixed word is a valid name"),
            events: EventSink::silent(),
        }
    }

    /// The permit.
    #[must_use]
    pub const fn permit(&self) -> Permit<'_> {
        Permit::new(&self.approval, &self.leases, &self.operation)
    }

    /// Somewhere to tell progress to; nobody listens.
    #[must_use]
    pub fn progress(&self) -> Progress<'_> {
        Progress::new(&self.step, &self.operation, &self.events, &SystemClock)
    }
}

struct Nobody;

#[async_trait]
impl Confirmation for Nobody {
    async fn ask(&self, _: &Question) -> Option<String> {
        None
    }
}
