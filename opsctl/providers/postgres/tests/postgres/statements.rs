//! Migrations outside a transaction on a real server, as an operation: every statement a step.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use opsctl_core::clock::{SystemClock, Timestamp};
use opsctl_core::engine::{
    EventSink, FaultPoint, Interrupt, JournalView, NoFaults, Plan, Run, Runner, execute, resume,
};
use opsctl_core::guard::{
    Answer, Approval, Confirmation, LeaseTerms, Principal, Question, Rules, approve,
};
use opsctl_core::migrate::{Direction, Migrate, Migration, Observed, Target, plan, status};
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Engine, Location, Schema, World};
use opsctl_core::state::StateStore;
use opsctl_postgres::schema::{Budget, PostgresSchema};
use opsctl_simulation::{Counting, KillAt, MemoryStore, Platform, environment, survive};
use sqlx::{Connection, Executor, PgConnection};
use testkit::postgres::Postgres;

const UP: &str = "-- no-transaction\n-- phase: expand\n\
    DROP INDEX CONCURRENTLY IF EXISTS t_a;\n\
    CREATE INDEX CONCURRENTLY t_a ON t (a);\n\
    ALTER TYPE mood ADD VALUE 'glad';\n";

struct Nobody;

#[async_trait::async_trait]
impl Confirmation for Nobody {
    async fn ask(&self, _: &Question) -> Option<String> {
        None
    }
}

/// A database on its way from nothing to the migration, and the journal of that.
struct Way {
    world: World,
    plan: Plan,
}

fn carried() -> Vec<Migration> {
    Migration::parse("0001_index", UP, None)
        .into_iter()
        .collect()
}

impl Way {
    async fn begin(at: Location) -> Result<Self> {
        let store: Arc<dyn StateStore> = Arc::new(MemoryStore::default());
        let mut world = Platform::new().world(&store);
        let schema = PostgresSchema::new(Budget {
            lock_timeout: Duration::from_secs(5),
            attempts: 10,
        });
        let applied = schema.applied(&at).await?;
        world.schema = Arc::new(schema);
        let observed = Observed {
            operation: OperationId::new("migrate-up-1")?,
            now: Timestamp::parse("2026-11-23T12:00:00Z")?,
            opsctl_version: "0.1.0".into(),
            engine: Engine::Postgres,
            target: Target::Existing {
                location: at,
                lineage_id: None,
            },
            status: status(&carried(), applied),
            direction: Direction::Up,
            accepted: Vec::new(),
        };
        let plan = plan(&observed, &carried(), &environment())?;
        Ok(Self { world, plan })
    }

    fn run(&self, faults: Arc<dyn FaultPoint>) -> Run {
        Run {
            store: Arc::clone(&self.world.store),
            clock: Arc::new(SystemClock),
            events: EventSink::silent(),
            interrupt: Interrupt::default(),
            faults,
            runner: Runner {
                principal: Principal::claimed("ada"),
                host: "here".into(),
                pid: 1,
                ci_url: None,
                opsctl_version: "0.1.0".into(),
            },
            terms: LeaseTerms {
                lease: Duration::from_secs(1),
                wait: Duration::ZERO,
            },
            supersede: false,
        }
    }

    async fn approval(&self) -> opsctl_core::Result<Approval> {
        let answer = Answer {
            yes: true,
            confirm: None,
        };
        let (store, who) = (self.world.store.as_ref(), Principal::claimed("ada"));
        let now = self.plan.created_at;
        approve(
            store,
            &self.plan,
            &who,
            &Rules::default(),
            &answer,
            &Nobody,
            now,
        )
        .await
    }

    async fn go(&self, faults: Arc<dyn FaultPoint>) -> opsctl_core::Result<()> {
        let migrate = Migrate::carrying(&self.plan, &self.world, carried())?;
        let approval = self.approval().await?;
        execute(&self.run(faults), &self.plan, &approval, &migrate)
            .await
            .map(|_| ())
    }

    async fn go_on(&self) -> opsctl_core::Result<()> {
        let view = JournalView::read(self.world.store.as_ref(), &self.plan.operation).await?;
        if !view.is_open() {
            return Ok(());
        }
        let migrate = Migrate::carrying(&self.plan, &self.world, carried())?;
        let (run, approval) = (self.run(Arc::new(NoFaults)), self.approval().await?);
        resume(&run, &view, &approval, &migrate).await.map(|_| ())
    }
}

/// A database of its own on the server, with what the migration changes.
async fn database(server: &Postgres, name: &str) -> Result<(Location, PgConnection)> {
    let url = server.create_database(name)?;
    let mut session = PgConnection::connect(&url).await?;
    session
        .execute(
            "CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 2000) i; \
             CREATE INDEX t_a ON t (b); CREATE TYPE mood AS ENUM ('sad')",
        )
        .await?;
    let location = Location {
        engine: Engine::Postgres,
        url,
        password_file: None,
        password_secret: None,
    };
    Ok((location, session))
}

/// The new definition of the index, whether it is valid, the enum's values and the notes.
async fn outcome(session: &mut PgConnection) -> Result<(String, bool, i64, i64)> {
    Ok(sqlx::query_as(
        "SELECT pg_get_indexdef('t_a'::regclass), \
         (SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass), \
         (SELECT count(*) FROM pg_enum), (SELECT count(*) FROM _sqlx_migrations)",
    )
    .fetch_one(session)
    .await?)
}

#[tokio::test]
async fn a_migration_killed_at_any_boundary_goes_on_behind_its_last_statement() -> Result<()> {
    let server = Postgres::start()?;
    let (at, mut session) = database(&server, "whole").await?;
    let counting = Arc::new(Counting::default());
    Way::begin(at).await?.go(counting.clone()).await?;
    let undisturbed = outcome(&mut session).await?;
    assert_eq!(
        undisturbed.0,
        "CREATE INDEX t_a ON public.t USING btree (a)"
    );
    assert_eq!((undisturbed.1, undisturbed.2, undisturbed.3), (true, 2, 1));
    let boundaries = counting.boundaries();
    assert!(
        boundaries.contains(&"migrate-0001-2:applied".to_owned()),
        "{boundaries:?}"
    );
    for (number, boundary) in boundaries.iter().enumerate() {
        let (at, mut session) = database(&server, &format!("killed_{number}")).await?;
        let way = Arc::new(Way::begin(at).await?);
        let killed = Arc::clone(&way);
        let work = async move { killed.go(Arc::new(KillAt::boundary(number))).await };
        assert!(survive(work).await.is_err(), "not killed at {boundary}");
        way.go_on().await?;
        assert_eq!(
            outcome(&mut session).await?,
            undisturbed,
            "killed at {boundary}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_index_that_a_dead_server_process_left_invalid_is_built_anew_by_its_step() -> Result<()>
{
    let server = Postgres::start()?;
    let (at, mut session) = database(&server, "invalid").await?;
    let way = Way::begin(at).await?;
    // The old index is there, and not valid: as after a build that died.
    session
        .execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_a'::regclass")
        .await?;
    way.go(Arc::new(NoFaults)).await?;
    assert!(outcome(&mut session).await?.1);
    Ok(())
}

#[tokio::test]
async fn a_plan_that_grew_old_is_refused_when_its_table_has_grown_large() -> Result<()> {
    let server = Postgres::start()?;
    let (at, mut session) = database(&server, "grown").await?;
    let mut way = Way::begin(at).await?;
    let mut environment = way.world.environment.as_ref().clone();
    environment.settings.migrate.risky_above_bytes = 1;
    way.world.environment = Arc::new(environment);
    let index = "-- phase: expand\nCREATE INDEX t_b ON t (b);";
    let risky: Vec<Migration> = Migration::parse("0001_index", index, None)
        .into_iter()
        .collect();
    let mut inputs: opsctl_core::migrate::MigrateInputs = way.plan.inputs()?;
    inputs.versions = vec![(1, risky[0].checksum())];
    way.plan.inputs = serde_json::to_value(&inputs)?;
    let migrate = Migrate::carrying(&way.plan, &way.world, risky)?;
    let (run, approval) = (way.run(Arc::new(NoFaults)), way.approval().await?);
    let refused = execute(&run, &way.plan, &approval, &migrate)
        .await
        .unwrap_err();
    assert_eq!(refused.kind, opsctl_core::FailureKind::Refused, "{refused}");
    assert!(refused.hints[1].contains("--accept-risk="), "{refused:?}");
    let noted: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut session)
        .await?;
    assert!(!noted, "nothing ran");
    Ok(())
}
