//! A migration without a transaction, killed at every boundary: no statement is lost, none runs twice.

use std::sync::Arc;
use std::time::Duration;

use opsctl_core::clock::Timestamp;
use opsctl_core::engine::{FaultPoint, JournalView, NoFaults, Plan, Run, execute, resume};
use opsctl_core::migrate::{
    Direction, Migrate, Migration, Observed, Target, newest, of, plan, status,
};
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Engine, World};
use opsctl_core::state::StateStore;
use opsctl_simulation::{KillAt, MemoryStore, Platform, environment, survive};

use crate::bench::Bench;

const INDEXES: &str = "-- no-transaction\n-- phase: expand\n\
    CREATE INDEX CONCURRENTLY users_a ON users (email);\n\
    CREATE INDEX CONCURRENTLY users_b ON users (created_at);\n\
    DROP INDEX CONCURRENTLY users_c;\n";

/// The number of a migration that comes after the platform's own.
fn number(after: i64) -> i64 {
    newest(Engine::Postgres).unwrap_or_default() + after
}

fn carried() -> Vec<Migration> {
    let mut all = of(Engine::Postgres);
    let (indexes, more) = (number(1), number(2));
    let nothing = "-- phase: expand\nSELECT 1;";
    all.extend(Migration::parse(
        &format!("{indexes:04}_indexes"),
        INDEXES,
        None,
    ));
    all.extend(Migration::parse(&format!("{more:04}_more"), nothing, None));
    all
}

struct Set {
    store: Arc<dyn StateStore>,
    platform: Platform,
    bench: Bench,
}

impl Set {
    async fn new() -> Self {
        let store: Arc<dyn StateStore> = Arc::new(MemoryStore::default());
        let platform = Platform::new();
        platform.carry(&carried());
        let plan = plan_of(&platform.world(&store)).await;
        let bench = Bench {
            plan,
            ..Bench::three_steps()
        };
        Self {
            store,
            platform,
            bench,
        }
    }

    fn plan(&self) -> &Plan {
        &self.bench.plan
    }

    fn operation(&self) -> Migrate {
        Migrate::carrying(self.plan(), &self.platform.world(&self.store), carried()).unwrap()
    }

    fn run_with(&self, faults: Arc<dyn FaultPoint>) -> Run {
        let mut run = self.bench.run_with(faults, Duration::ZERO);
        run.store = Arc::clone(&self.store);
        run
    }

    async fn run(self: &Arc<Self>, faults: Arc<dyn FaultPoint>) -> bool {
        let set = Arc::clone(self);
        let work = async move {
            let run = set.run_with(faults);
            let approval = set.bench.approval().await;
            execute(&run, set.plan(), &approval, &set.operation())
                .await
                .unwrap();
        };
        survive(work).await.is_ok()
    }

    async fn resume(&self) {
        let view = JournalView::read(self.store.as_ref(), &self.plan().operation).await;
        let view = view.unwrap();
        if view.is_open() {
            let run = self.run_with(Arc::new(NoFaults));
            let approval = self.bench.approval().await;
            resume(&run, &view, &approval, &self.operation())
                .await
                .unwrap();
        }
    }

    /// How often each statement ran, and the schema's version.
    fn outcome(&self) -> (Vec<u64>, Option<i64>) {
        let live = self.platform.live();
        (live.statements.into_values().collect(), live.schema_version)
    }
}

async fn plan_of(world: &World) -> Plan {
    let descriptor = world.pointer.read().await.unwrap().unwrap();
    let location = world.pointer.administrator(&descriptor).await.unwrap();
    let applied = world.schema.applied(&location).await.unwrap();
    let observed = Observed {
        operation: OperationId::new("migrate-up-1").unwrap(),
        now: Timestamp::parse("2026-11-23T12:00:00Z").unwrap(),
        opsctl_version: "0.1.0".into(),
        engine: Engine::Postgres,
        target: Target::Existing {
            location,
            lineage_id: None,
        },
        status: status(&carried(), applied),
        direction: Direction::Up,
        accepted: Vec::new(),
    };
    plan(&observed, &carried(), &environment()).unwrap()
}

#[tokio::test]
async fn each_statement_is_a_step_and_a_kill_at_any_boundary_repeats_none() {
    let whole = Arc::new(Set::new().await);
    let steps: Vec<&str> = whole
        .plan()
        .actions
        .iter()
        .map(|a| a.step.as_str())
        .collect();
    let (indexes, more) = (
        format!("migrate-{:04}", number(1)),
        format!("migrate-{:04}", number(2)),
    );
    let statement = |number: u32| format!("{indexes}-{number}");
    let wanted = [
        statement(1),
        statement(2),
        statement(3),
        indexes.clone(),
        more,
    ];
    assert_eq!(steps, wanted);
    let newest = number(2);
    assert!(whole.run(Arc::new(NoFaults)).await);
    assert_eq!(whole.outcome(), (vec![1, 1, 1], Some(newest)));
    let boundaries = 1 + steps.len() * 4 + 1;
    let every = (0..boundaries).map(|at| async move {
        let set = Arc::new(Set::new().await);
        let faults = Arc::new(KillAt::boundary(at));
        assert!(!set.run(faults).await, "boundary {at} was not reached");
        set.resume().await;
        let killed = format!("killed at boundary {at}");
        assert_eq!(set.outcome(), (vec![1, 1, 1], Some(newest)), "{killed}");
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn a_statement_without_a_trace_is_refused_before_anything_changes() {
    let up = "-- no-transaction\n-- phase: expand\nVACUUM users;\n";
    let name = format!("{:04}_vacuum", number(3));
    let migration = Migration::parse(&name, up, None).unwrap();
    let platform = Platform::new();
    let store: Arc<dyn StateStore> = Arc::new(MemoryStore::default());
    let mut all = carried();
    platform.carry(&all);
    let world = platform.world(&store);
    let good = plan_of(&world).await;
    assert!(good.actions.len() > 1);
    all.push(migration);
    let descriptor = world.pointer.read().await.unwrap().unwrap();
    let location = world.pointer.administrator(&descriptor).await.unwrap();
    let applied = world.schema.applied(&location).await.unwrap();
    let observed = Observed {
        operation: good.operation,
        now: good.created_at,
        opsctl_version: good.opsctl_version,
        engine: Engine::Postgres,
        target: Target::Existing {
            location,
            lineage_id: None,
        },
        status: status(&all, applied),
        direction: Direction::Up,
        accepted: Vec::new(),
    };
    let refused = plan(&observed, &all, &environment()).unwrap_err();
    assert!(refused.what.contains("can't be resumed"), "{refused}");
}
