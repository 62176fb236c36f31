//! The jobs that there are, in processes of their own.

use std::time::Duration;

use anyhow::Result;
use app::clock::Clock;
use app::config::Role;
use app::database::{Day, Timestamp};
use app::jobs::{Due, Job, Pruning};
use app::reports::Daily;

use crate::support::{Engine, Place, Service, Spawned, eventually, on_both_engines};

on_both_engines!(
    several_workers_make_the_report_once_though_one_is_killed,
    the_report_of_a_due_time_is_that_of_the_day_before,
    what_is_over_is_taken_away_and_nothing_else,
    the_queue_is_measured,
);

fn worker(place: &Place, folder: &tempfile::TempDir) -> Result<Spawned> {
    let path = folder.path().display().to_string();
    let pairs = [("DATABASE_URL", place.url.as_str()), ("STORAGE_DIR", &path)];
    Spawned::start(&["--role", "worker"], &pairs)
}

async fn several_workers_make_the_report_once_though_one_is_killed(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let folder = tempfile::tempdir()?;
    let mut killed = worker(&place, &folder)?;
    killed.address().await?;
    eventually("it has begun", || async {
        let rows = "SELECT count(*) AS x FROM jobs";
        (place.text(rows).await.ok()? != "0").then_some(())
    })
    .await?;
    killed.signal("-KILL")?;
    killed.end().await?;
    // As if a minute had passed.
    let now = "UPDATE jobs SET due_at = scheduled_at WHERE state = 'pending'";
    place.execute(now).await?;
    let mut workers = [worker(&place, &folder)?, worker(&place, &folder)?];
    for worker in &mut workers {
        worker.address().await?;
    }
    let done = "SELECT kind AS x FROM jobs WHERE state = 'done' ORDER BY kind";
    let kinds = ["count-figures", "daily-report", "prune"];
    eventually("each was done", || async {
        let done = place.texts(done).await.ok()?;
        let all = kinds.iter().all(|kind| done.iter().any(|one| one == kind));
        all.then_some(())
    })
    .await?;
    for worker in workers {
        worker.signal("-TERM")?;
        assert_eq!(worker.end().await?.0.code(), Some(0));
    }
    let reports = "SELECT count(*) AS x FROM reports WHERE completed_at IS NOT NULL";
    assert_eq!(place.text(reports).await?, "1");
    let jobs = "SELECT count(*) AS x FROM jobs WHERE kind = 'daily-report'";
    assert_eq!(place.text(jobs).await?, "1");
    Ok(())
}

async fn the_report_of_a_due_time_is_that_of_the_day_before(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().display().to_string();
    let pairs = [("DATABASE_URL", place.url.as_str()), ("STORAGE_DIR", &path)];
    let service = Service::start(Role::Api, &pairs).await??;
    let day = Day::today().plus(-5);
    let due = Due {
        scheduled_at: day.start().plus(Duration::from_secs(2 * 3600)),
        now: Timestamp::now(),
    };
    let state = service.state().clone();
    Daily { state }.run(due).await?;
    let days = "SELECT CAST(day AS text) AS x FROM reports WHERE completed_at IS NOT NULL";
    assert_eq!(place.texts(days).await?, [day.plus(-1).to_string()]);
    Ok(())
}

async fn what_is_over_is_taken_away_and_nothing_else(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let pairs = [("DATABASE_URL", place.url.as_str())];
    let service = Service::start(Role::Api, &pairs).await??;
    let (_, id) = service.client.sign_up("me@example.com").await?;
    let now = Timestamp::now();
    let days = |days: u64| {
        now.minus(Duration::from_secs(days * 24 * 3600))
            .with_milliseconds()
    };
    let (week, month) = (days(8), days(30));
    for sql in [
        format!("INSERT INTO sessions (user_id, expires_at) VALUES ('{id}', '{week}')"),
        format!(
            "INSERT INTO idempotency_keys (user_id, key, request_hash, created_at) VALUES ('{id}', 'old', 'x', '{week}')"
        ),
        format!(
            "INSERT INTO idempotency_keys (user_id, key, request_hash) VALUES ('{id}', 'new', 'x')"
        ),
        format!(
            "INSERT INTO jobs (kind, scheduled_at, due_at, state, ended_at) VALUES \
             ('a', '{month}', '{month}', 'done', '{month}'), ('a', '{week}', '{week}', 'done', '{week}'), \
             ('b', '{month}', '{month}', 'dead', '{month}'), ('b', '{week}', '{week}', 'pending', NULL)"
        ),
    ] {
        place.execute(&sql).await?;
    }
    let pruning = Pruning {
        database: service.database().clone(),
        clock: Clock::Database,
    };
    let due = Due {
        scheduled_at: now,
        now,
    };
    pruning.run(due).await?;
    let over = format!("SELECT count(*) AS x FROM sessions WHERE expires_at = '{week}'");
    assert_eq!(place.text(&over).await?, "0");
    let live = "SELECT count(*) AS x FROM sessions";
    assert_ne!(
        place.text(live).await?,
        "0",
        "whoever signed up is logged in"
    );
    let keys = "SELECT key AS x FROM idempotency_keys";
    assert_eq!(place.texts(keys).await?, ["new"]);
    let jobs = "SELECT kind || ' ' || state AS x FROM jobs ORDER BY kind, state";
    assert_eq!(
        place.texts(jobs).await?,
        ["a done", "b dead", "b pending"],
        "the last of a kind says what may have been missed"
    );
    Ok(())
}

async fn the_queue_is_measured(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    eventually("a job was done", || async {
        let text = service.measurements().await.ok()?;
        let lines = [
            r#"jobs_total{kind="count-figures",outcome="done"} "#,
            r#"jobs_total{kind="prune",outcome="dead"} 0"#,
            r#"job_duration_seconds_count{kind="prune"} "#,
            r#"jobs{state="waiting"} "#,
            r#"jobs{state="dead"} 0"#,
        ];
        lines.iter().all(|line| text.contains(line)).then_some(())
    })
    .await
}
