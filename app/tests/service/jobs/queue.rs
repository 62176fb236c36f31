//! When something is due, and how often it is then done.

use anyhow::{Context, Result};
use serde_json::json;
use tokio::task::JoinSet;

use super::counter::{Behaviour, Bench};
use crate::support::{Engine, on_both_engines};

on_both_engines!(
    each_due_time_is_worked_on_once_however_many_work,
    due_times_at_which_nobody_ran_are_caught_up,
    nothing_is_scheduled_and_nothing_done_while_the_effects_are_held,
    what_fails_is_tried_again_later_and_given_up_in_the_end,
);

const DAY: u64 = 24 * 3600;
const WORKERS: usize = 8;

async fn each_due_time_is_worked_on_once_however_many_work(engine: Engine) -> Result<()> {
    let bench = Bench::new(engine).await?;
    for _ in 0..3 {
        let mut storm = JoinSet::new();
        for _ in 0..WORKERS {
            let (mut scheduler, runner) = (bench.scheduler(), bench.runner());
            storm.spawn(async move {
                scheduler.round().await?;
                while runner.round().await? {}
                anyhow::Ok(())
            });
        }
        while let Some(ended) = storm.join_next().await {
            ended??;
        }
        bench.passes(DAY);
    }
    let days = [
        "2024-01-15T02:00:00.000Z",
        "2024-01-16T02:00:00.000Z",
        "2024-01-17T02:00:00.000Z",
    ];
    assert_eq!(bench.ran(), days);
    assert_eq!(bench.states().await?, ["done 3"]);
    Ok(())
}

async fn due_times_at_which_nobody_ran_are_caught_up(engine: Engine) -> Result<()> {
    let bench = Bench::new(engine).await?;
    let mut scheduler = bench.scheduler();
    assert_eq!(scheduler.round().await?, 1);
    assert_eq!(scheduler.round().await?, 0);
    bench.passes(3 * DAY);
    assert_eq!(bench.scheduler().round().await?, 3, "another process");
    assert_eq!(
        scheduler.round().await?,
        0,
        "the first one, asleep for days"
    );
    bench.passes(100 * DAY);
    assert_eq!(scheduler.round().await?, 7, "and never more than a week's");
    while bench.runner().round().await? {}
    let ran = bench.ran();
    assert_eq!(ran.len(), 11);
    assert!(ran.is_sorted(), "the oldest first: {ran:?}");
    Ok(())
}

async fn nothing_is_scheduled_and_nothing_done_while_the_effects_are_held(
    engine: Engine,
) -> Result<()> {
    let bench = Bench::new(engine).await?;
    let mut scheduler = bench.scheduler();
    assert_eq!(scheduler.round().await?, 1);
    let set = async |effects: &str| {
        let sql = format!("UPDATE database_identity SET effects = '{effects}'");
        bench.place.execute(&sql).await
    };
    set("held").await?;
    bench.passes(DAY);
    assert_eq!(scheduler.round().await?, 0);
    assert!(!bench.runner().round().await?);
    set("flowing").await?;
    assert_eq!(scheduler.round().await?, 1);
    while bench.runner().round().await? {}
    assert_eq!(bench.ran().len(), 2);
    Ok(())
}

async fn what_fails_is_tried_again_later_and_given_up_in_the_end(engine: Engine) -> Result<()> {
    let bench = Bench::new(engine).await?;
    bench.behaves((0..14).map(|number| match number {
        0 => Behaviour::Panics,
        _ => Behaviour::Fails,
    }));
    bench.scheduler().round().await?;
    let runner = bench.runner();
    assert!(runner.round().await?);
    assert!(!runner.round().await?, "not at once");
    for _ in 0..13 {
        bench.passes(3600);
        assert!(runner.round().await?);
    }
    assert_eq!(bench.states().await?, ["dead 1"]);
    bench.passes(3600);
    assert!(!runner.round().await?, "never by itself");

    let admin = bench.admin().await?;
    let listed = admin.get("/api/admin/jobs").await?;
    let job = &listed.json["items"][0];
    assert_eq!(job["state"], "dead", "{listed:?}");
    assert_eq!(job["attempts"], 14);
    assert_eq!(job["last_error"], "it failed");
    assert_eq!(job["scheduled_at"], "2024-01-15T02:00:00Z");
    let one = format!("/api/admin/jobs/{}", job["id"].as_str().context("an id")?);
    assert_eq!(admin.post(&one, &json!({})).await?.json["retried"], 1);
    assert_eq!(admin.post(&one, &json!({})).await?.json["retried"], 0);
    let now = "UPDATE jobs SET due_at = scheduled_at";
    bench.place.execute(now).await?;
    assert!(runner.round().await?);
    assert_eq!(bench.states().await?, ["done 1"]);
    Ok(())
}
