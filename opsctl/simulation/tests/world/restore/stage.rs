//! One simulated platform with a state store, and operations run against it.

use std::sync::Arc;
use std::time::Duration;

use opsctl_core::Result;
use opsctl_core::clock::Clock;
use opsctl_core::drill::{Observed, Wish};
use opsctl_core::engine::{
    Basis, Conclusion, FaultPoint, JournalView, NoFaults, OperationKind, Plan, Run, execute, resume,
};
use opsctl_core::guard::{Answer, Approval, LeaseTerms, Principal, Rules, approve};
use opsctl_core::lineage::LineageRegister;
use opsctl_core::names::{BackupId, OperationId};
use opsctl_core::operations::rebuild;
use opsctl_core::ports::{Databases, World};
use opsctl_core::restore::{
    Aside, Available, CutOverWish, Destination, Live, Point, RestoreRequest, Source, plan,
    plan_undo,
};
use opsctl_core::state::StateStore;
use opsctl_simulation::{Counting, KillAt, Killed, MemoryStore, Platform, environment, survive};

use crate::bench::{LEASE, Nobody};
use crate::runner::run_of;

#[derive(Clone)]
pub struct Stage {
    pub platform: Platform,
    pub store: Arc<dyn StateStore>,
}

/// A user, a backup of it, and a user that came after the backup.
pub fn before_and_after() -> (Stage, BackupId) {
    let platform = Platform::new();
    platform
        .write("users", &["ada", "ada@example.org"])
        .unwrap();
    let backup = platform.back_up("monday");
    platform
        .write("users", &["bob", "bob@example.org"])
        .unwrap();
    let store: Arc<dyn StateStore> = Arc::new(MemoryStore::default());
    (Stage { platform, store }, backup)
}

pub fn cut_over(source: Source) -> Destination {
    Destination::CutOver(wish(source))
}

pub fn wish(source: Source) -> CutOverWish {
    CutOverWish {
        source,
        acknowledge_within: Duration::from_millis(200),
    }
}

impl Stage {
    pub fn world(&self) -> World {
        self.platform.world(&self.store)
    }

    pub async fn plan(&self, id: &str, point: Point, destination: Destination) -> Result<Plan> {
        let world = self.world();
        let available = Available::see(&world).await?;
        let live = Live::see(&world).await?;
        let request = RestoreRequest { point, destination };
        plan(&self.basis(id), &available, Some(&live), &request)
    }

    pub async fn plan_undo(&self, id: &str) -> Result<Plan> {
        let world = self.world();
        let live = Live::see(&world).await?;
        let aside = Aside::see(&world, &live).await?;
        plan_undo(&self.basis(id), &live, &aside, &wish(Source::Reachable))
    }

    /// What a drill finds.
    pub async fn observed(&self, id: &str) -> Observed {
        let location = self.platform.descriptor().location;
        let live = Databases::open(&self.platform, &location).await.unwrap();
        let identity = live.identity().await.unwrap();
        Observed {
            operation: OperationId::new(id).unwrap(),
            now: self.platform.clock.now(),
            backups: self.world().backups.list().await.unwrap().0,
            source: Some((location, identity)),
            wish: Wish::Newest,
            keep: false,
            opsctl_version: "0.1.0".into(),
        }
    }

    pub fn basis(&self, id: &str) -> Basis<'static> {
        Basis {
            environment: Box::leak(Box::new(environment())),
            operation: OperationId::new(id).unwrap(),
            now: self.platform.clock.now(),
            opsctl_version: "0.1.0",
        }
    }

    fn run(&self, faults: Arc<dyn FaultPoint>) -> Run {
        let clock = self.platform.clock.clone();
        let terms = LeaseTerms {
            lease: LEASE,
            wait: LEASE * 20,
        };
        run_of(&self.store, Arc::new(clock), terms, faults)
    }

    async fn approval(&self, plan: &Plan) -> Approval {
        let answer = Answer {
            yes: true,
            confirm: Some("local".into()),
        };
        let who = Principal::claimed("ada");
        let (store, now) = (self.store.as_ref(), plan.created_at);
        let rules = Rules::default();
        approve(store, plan, &who, &rules, &answer, &Nobody, now)
            .await
            .unwrap()
    }

    pub async fn execute(&self, plan: &Plan) -> Result<Conclusion> {
        self.execute_with(plan, Arc::new(NoFaults)).await
    }

    pub async fn execute_with(
        &self,
        plan: &Plan,
        faults: Arc<dyn FaultPoint>,
    ) -> Result<Conclusion> {
        let operation = rebuild(plan, &self.world())?;
        let approval = self.approval(plan).await;
        execute(&self.run(faults), plan, &approval, operation.as_ref()).await
    }

    /// The boundaries that an undisturbed run passes.
    pub async fn boundaries(&self, plan: &Plan) -> usize {
        let counting = Arc::new(Counting::default());
        let faults = Arc::clone(&counting) as Arc<dyn FaultPoint>;
        drop(self.execute_with(plan, faults).await);
        counting.boundaries().len()
    }

    /// Runs until it is killed at that boundary.
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
        self.resume_with(plan, Arc::new(NoFaults)).await
    }

    pub async fn resume_with(
        &self,
        plan: &Plan,
        faults: Arc<dyn FaultPoint>,
    ) -> Result<Conclusion> {
        let operation = rebuild(plan, &self.world())?;
        let approval = self.approval(plan).await;
        let view = self.view(plan).await;
        let run = self.run(faults);
        resume(&run, &view, &approval, operation.as_ref()).await
    }

    /// Killed there and resumed, if it was not over by then.
    pub async fn killed_and_resumed(&self, plan: &Plan, at: usize) -> Option<Result<Conclusion>> {
        assert!(self.killed(plan, at).await.is_err(), "not killed at {at}");
        self.nobody_finds_half_a_database(at);
        match self.view(plan).await.is_open() {
            true => Some(self.resume(plan).await),
            false => None,
        }
    }

    /// Whatever happens, the application finds a database that is whole and says that it is the one.
    pub fn nobody_finds_half_a_database(&self, at: usize) {
        let (descriptor, live) = (self.platform.descriptor(), self.platform.live());
        assert_eq!(live.identity.lineage_id, descriptor.lineage_id, "at {at}");
        assert_eq!(
            live.identity.role,
            opsctl_core::ports::DatabaseRole::Primary,
            "at {at}"
        );
        assert!(live.keys("users").contains(&"ada".to_owned()), "at {at}");
    }

    pub async fn register(&self) -> LineageRegister {
        LineageRegister::load(self.store.as_ref()).await.unwrap()
    }

    pub async fn pins(&self, backup: &BackupId) -> usize {
        let now = self.platform.clock.now();
        opsctl_core::pins::pins_of(self.store.as_ref(), backup, now)
            .await
            .unwrap()
            .len()
    }
}

pub fn id(kind: OperationKind, number: usize) -> String {
    format!("{kind}-{number}")
}
