//! A permit for tests of providers: a real approval by the guard, and no lock to lose.

use async_trait::async_trait;
use opsctl_core::guard::{
    Answer, Approval, Confirmation, Leases, Permit, Principal, Question, Rules, approve,
};
use opsctl_core::names::OperationId;

use crate::{MemoryStore, plan_of};

/// What lets a test change things through a port.
#[derive(Debug)]
pub struct Grant {
    approval: Approval,
    leases: Leases,
    operation: OperationId,
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
        }
    }

    /// The permit.
    #[must_use]
    pub const fn permit(&self) -> Permit<'_> {
        Permit::new(&self.approval, &self.leases, &self.operation)
    }
}

struct Nobody;

#[async_trait]
impl Confirmation for Nobody {
    async fn ask(&self, _: &Question) -> Option<String> {
        None
    }
}
