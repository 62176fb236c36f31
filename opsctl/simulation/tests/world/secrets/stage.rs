//! A platform with secrets, and rotations run on it.

use std::sync::Arc;
use std::time::Duration;

use opsctl_core::Result;
use opsctl_core::clock::Clock;
use opsctl_core::engine::{
    Basis, Conclusion, FaultPoint, JournalView, NoFaults, Plan, Run, execute, resume,
};
use opsctl_core::environment::Span;
use opsctl_core::guard::{Answer, LeaseTerms, Principal, Rules, approve};
use opsctl_core::names::OperationId;
use opsctl_core::operations::rebuild;
use opsctl_core::ports::{Stage as Mark, World};
use opsctl_core::secrets::{Goal, SecretKind, Seen, Wish, plan, plan_finish};
use opsctl_core::state::StateStore;
use opsctl_simulation::{
    Counting, KillAt, Killed, MemoryStore, Platform, SimulatedSecrets, environment, survive,
};

use crate::bench::{LEASE, Nobody};
use crate::runner::run_of;

#[derive(Clone)]
pub struct Stage {
    pub platform: Platform,
    pub secrets: SimulatedSecrets,
    pub store: Arc<dyn StateStore>,
}

impl Stage {
    pub fn new() -> Self {
        let platform = Platform::new();
        Self {
            secrets: SimulatedSecrets::new(platform.clock.now()),
            store: Arc::new(MemoryStore::default()),
            platform,
        }
    }

    pub fn world(&self) -> World {
        World {
            secrets: Some(self.secrets.ports()),
            ..self.platform.world(&self.store)
        }
    }

    fn basis(&self, id: &str) -> Basis<'static> {
        Basis {
            environment: Box::leak(Box::new(environment())),
            operation: OperationId::new(id).unwrap(),
            now: self.platform.clock.now(),
            opsctl_version: "0.1.0",
        }
    }

    pub async fn plan(&self, id: &str, kind: SecretKind, goal: Goal) -> Result<Plan> {
        let wish = Wish {
            goal,
            given: false,
            within: Span(Duration::from_secs(3)),
        };
        plan(
            &Seen::see(&self.world(), kind).await?,
            &wish,
            &self.basis(id),
        )
    }

    pub async fn plan_finish(&self, id: &str, kind: SecretKind) -> Result<Plan> {
        let seen = Seen::see(&self.world(), kind).await?;
        plan_finish(&seen, Span(Duration::from_secs(3)), &self.basis(id))
    }

    pub fn run(&self, faults: Arc<dyn FaultPoint>) -> Run {
        let clock = self.platform.clock.clone();
        let terms = LeaseTerms {
            lease: LEASE,
            wait: LEASE * 20,
        };
        run_of(&self.store, Arc::new(clock), terms, faults)
    }

    pub async fn execute_with(
        &self,
        plan: &Plan,
        faults: Arc<dyn FaultPoint>,
    ) -> Result<Conclusion> {
        let operation = rebuild(plan, &self.world())?;
        let approval = self.approval(plan).await?;
        execute(&self.run(faults), plan, &approval, operation.as_ref()).await
    }

    pub async fn approval(&self, plan: &Plan) -> Result<opsctl_core::guard::Approval> {
        let answer = Answer {
            yes: true,
            confirm: Some("local".into()),
        };
        let (who, rules) = (Principal::claimed("ada"), Rules::default());
        let store = self.store.as_ref();
        approve(store, plan, &who, &rules, &answer, &Nobody, plan.created_at).await
    }

    pub async fn execute(&self, plan: &Plan) -> Result<Conclusion> {
        self.execute_with(plan, Arc::new(NoFaults)).await
    }

    pub async fn boundaries(&self, plan: &Plan) -> usize {
        let counting = Arc::new(Counting::default());
        let faults = Arc::clone(&counting) as Arc<dyn FaultPoint>;
        self.execute_with(plan, faults).await.unwrap();
        counting.boundaries().len()
    }

    pub async fn killed(
        &self,
        plan: &Plan,
        at: usize,
    ) -> std::result::Result<Result<Conclusion>, Killed> {
        let (stage, plan) = (self.clone(), plan.clone());
        let faults = Arc::new(KillAt::boundary(at));
        survive(async move { stage.execute_with(&plan, faults).await }).await
    }

    pub async fn view(&self, plan: &Plan) -> JournalView {
        JournalView::read(self.store.as_ref(), &plan.operation)
            .await
            .unwrap()
    }

    pub async fn resume(&self, plan: &Plan) -> Result<Conclusion> {
        let operation = rebuild(plan, &self.world())?;
        let approval = self.approval(plan).await?;
        let view = self.view(plan).await;
        let run = self.run(Arc::new(NoFaults));
        resume(&run, &view, &approval, operation.as_ref()).await
    }

    pub async fn is_open(&self, plan: &Plan) -> bool {
        self.view(plan).await.is_open()
    }

    /// The version at a stage, by its name.
    pub fn at(&self, kind: SecretKind, stage: Mark) -> Option<String> {
        let all = self.secrets.stages(kind).into_iter();
        all.filter(|(_, stages)| stages.contains(&stage))
            .map(|(id, _)| id)
            .next()
    }

    pub fn nobody_was_locked_out(&self, when: &str) {
        assert_eq!(self.secrets.locked_out(), Vec::<String>::new(), "{when}");
    }
}
