//! Migrations over the simulated platform: planned, run, and killed at every boundary.

use std::sync::Arc;
use std::time::Duration;

use opsctl_core::engine::{FaultPoint, NoFaults, OperationKind, Plan, Severity, execute, resume};
use opsctl_core::migrate::{
    Direction, Migrate, NewDatabase, Observed, SchemaStatus, Target, of, plan, status,
};
use opsctl_core::names::{InstanceId, LineageId, OperationId};
use opsctl_core::ports::{Engine, World};
use opsctl_core::state::StateStore;
use opsctl_simulation::{KillAt, MemoryStore, Platform, environment, survive};

use crate::bench::Bench;

fn observed(target: Target, status: SchemaStatus, direction: Direction) -> Observed {
    Observed {
        operation: OperationId::new("migrate-up-1").unwrap(),
        now: opsctl_core::clock::Timestamp::parse("2026-11-23T12:00:00Z").unwrap(),
        opsctl_version: "0.1.0".into(),
        engine: Engine::Sqlite,
        target,
        status,
        direction,
        accepted: Vec::new(),
    }
}

fn nothing_applied() -> SchemaStatus {
    status(&of(Engine::Sqlite), Vec::new())
}

fn new_database() -> Target {
    Target::New(NewDatabase {
        instance_id: InstanceId(uuid::Uuid::from_u128(1)),
        lineage_id: LineageId(uuid::Uuid::from_u128(2)),
    })
}

fn plan_for(observed: &Observed) -> opsctl_core::Result<Plan> {
    plan(observed, &of(Engine::Sqlite), &environment())
}

#[test]
fn a_new_database_needs_no_answer_a_change_needs_a_yes_and_going_down_the_name() {
    let carried = of(Engine::Sqlite);
    let new = plan_for(&observed(new_database(), nothing_applied(), Direction::Up)).unwrap();
    assert_eq!(
        (new.severity, new.actions.len()),
        (Severity::Mild, carried.len() + 3)
    );
    let location = opsctl_core::ports::Location {
        engine: Engine::Sqlite,
        url: "sqlite:/x".into(),
        password_file: None,
        password_secret: None,
    };
    let existing = Target::Existing {
        location,
        lineage_id: None,
    };
    let up = plan_for(&observed(
        existing.clone(),
        nothing_applied(),
        Direction::Up,
    ))
    .unwrap();
    assert_eq!(
        (up.kind, up.severity),
        (OperationKind::MigrateUp, Severity::Moderate)
    );
    let down = plan_for(&observed(existing, nothing_applied(), Direction::DownTo(0))).unwrap();
    assert_eq!(
        (down.kind, down.severity),
        (OperationKind::MigrateDown, Severity::Severe)
    );
}

/// An environment without a database, and a plan to make one.
struct Set {
    store: Arc<dyn StateStore>,
    platform: Platform,
    plan: Plan,
}

impl Set {
    fn new() -> Self {
        let platform = Platform::new();
        platform.forget_descriptor();
        let plan = plan_for(&observed(new_database(), nothing_applied(), Direction::Up)).unwrap();
        Self {
            store: Arc::new(MemoryStore::default()),
            platform,
            plan,
        }
    }

    fn world(&self) -> World {
        self.platform.world(&self.store)
    }

    async fn run(self: &Arc<Self>, faults: Arc<dyn FaultPoint>) -> bool {
        let set = Arc::clone(self);
        let work = async move {
            let bench = Bench {
                plan: set.plan.clone(),
                ..Bench::three_steps()
            };
            let mut run = bench.run_with(faults, Duration::ZERO);
            run.store = Arc::clone(&set.store);
            let operation = Migrate::new(&set.plan, &set.world()).unwrap();
            execute(&run, &set.plan, &bench.approval().await, &operation)
                .await
                .unwrap();
        };
        survive(work).await.is_ok()
    }

    async fn resume(&self) {
        let id = &self.plan.operation;
        let view = opsctl_core::engine::JournalView::read(self.store.as_ref(), id)
            .await
            .unwrap();
        if !view.is_open() {
            return;
        }
        let bench = Bench {
            plan: self.plan.clone(),
            ..Bench::three_steps()
        };
        let mut run = bench.run_with(Arc::new(NoFaults), Duration::ZERO);
        run.store = Arc::clone(&self.store);
        let operation = Migrate::new(&self.plan, &self.world()).unwrap();
        resume(&run, &view, &bench.approval().await, &operation)
            .await
            .unwrap();
    }

    fn is_set_up(&self) -> bool {
        let descriptor = self.platform.descriptor();
        let live = self.platform.live();
        descriptor.lineage_id == live.identity.lineage_id
            && live.schema_version == of(Engine::Sqlite).last().map(|last| last.version)
    }
}

#[tokio::test]
async fn a_set_up_killed_at_any_boundary_and_resumed_is_whole() {
    let whole = Arc::new(Set::new());
    assert!(whole.run(Arc::new(NoFaults)).await && whole.is_set_up());
    let boundaries = 1 + whole.plan.actions.len() * 4 + 1;
    let every = (0..boundaries).map(|at| async move {
        let set = Arc::new(Set::new());
        assert!(
            !set.run(Arc::new(KillAt::boundary(at))).await,
            "boundary {at} was not reached"
        );
        set.resume().await;
        assert!(set.is_set_up(), "killed at boundary {at}");
    });
    futures::future::join_all(every).await;
}
