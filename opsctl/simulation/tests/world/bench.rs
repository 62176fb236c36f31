//! The workbench of these tests: one state store, one scripted world, many runs.

use std::sync::Arc;
use std::time::Duration;

use opsctl_core::clock::SystemClock;
use opsctl_core::engine::{
    Conclusion, FaultPoint, JournalView, NoFaults, Plan, Run, When, execute, resume,
};
use opsctl_core::guard::{Answer, Approval, Confirmation, LeaseTerms, Principal, Question, Rules};
use opsctl_core::state::StateStore;
use opsctl_core::{Failure, Result};
use opsctl_simulation::{
    Effects, Killed, MemoryStore, Script, ScriptedOperation, plan_of, survive,
};

use crate::runner::run_of;

/// Short, so that a dead runner's lock is free soon; long enough for a machine that is busy with builds.
pub const LEASE: Duration = Duration::from_secs(1);

pub struct Nobody;

#[async_trait::async_trait]
impl Confirmation for Nobody {
    async fn ask(&self, _: &Question) -> Option<String> {
        None
    }
}

#[derive(Clone)]
pub struct Bench {
    pub store: Arc<MemoryStore>,
    pub effects: Arc<Effects>,
    pub plan: Plan,
    pub script: Script,
}

impl Bench {
    pub fn new(script: Script) -> Self {
        let plan = plan_of("backup-create-1", &script);
        Self {
            store: Arc::default(),
            effects: Arc::default(),
            plan,
            script,
        }
    }

    pub fn three_steps() -> Self {
        Self::new(vec![
            ("one", When::Success),
            ("two", When::Success),
            ("three", When::Success),
        ])
    }

    /// The same store and world, another operation.
    pub fn beside(&self, id: &str) -> Self {
        let mut other = self.clone();
        other.plan.operation = opsctl_core::names::OperationId::new(id).unwrap();
        other.effects = Arc::default();
        other
    }

    pub fn run_with(&self, faults: Arc<dyn FaultPoint>, wait: Duration) -> Run {
        let store = Arc::clone(&self.store) as Arc<dyn StateStore>;
        let terms = LeaseTerms { lease: LEASE, wait };
        run_of(&store, Arc::new(SystemClock), terms, faults)
    }

    pub fn run(&self) -> Run {
        self.run_with(Arc::new(NoFaults), Duration::ZERO)
    }

    pub async fn approval(&self) -> Approval {
        let (rules, answer) = (
            Rules::default(),
            Answer {
                yes: true,
                confirm: None,
            },
        );
        let who = Principal::claimed("ada");
        let store = self.store.as_ref();
        let now = self.plan.created_at;
        opsctl_core::guard::approve(store, &self.plan, &who, &rules, &answer, &Nobody, now)
            .await
            .unwrap()
    }

    pub fn operation(&self) -> ScriptedOperation {
        ScriptedOperation::new(self.script.clone(), Arc::clone(&self.effects))
    }

    pub async fn execute(&self, run: &Run) -> Result<Conclusion> {
        execute(run, &self.plan, &self.approval().await, &self.operation()).await
    }

    pub async fn resume(&self, run: &Run) -> Result<Conclusion> {
        let view = self.view().await?;
        resume(run, &view, &self.approval().await, &self.operation()).await
    }

    pub async fn view(&self) -> Result<JournalView> {
        JournalView::read(self.store.as_ref(), &self.plan.operation).await
    }

    /// Runs in a task that a fault may kill.
    pub async fn execute_until_killed(
        &self,
        faults: Arc<dyn FaultPoint>,
    ) -> std::result::Result<Result<Conclusion>, Killed> {
        let bench = self.clone();
        survive(async move { bench.execute(&bench.run_with(faults, Duration::ZERO)).await }).await
    }

    pub async fn resume_until_killed(
        &self,
        faults: Arc<dyn FaultPoint>,
    ) -> std::result::Result<Result<Conclusion>, Killed> {
        let bench = self.clone();
        survive(async move { bench.resume(&bench.run_with(faults, Duration::ZERO)).await }).await
    }
}

pub fn refusal(answer: Result<Conclusion>) -> Failure {
    answer.expect_err("it should have been refused")
}
