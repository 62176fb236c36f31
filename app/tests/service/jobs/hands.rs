//! In whose hands a job is: of one at a time, and of somebody else where that one is gone.

use anyhow::Result;

use super::counter::{Behaviour, Bench};
use crate::support::{Engine, eventually, on_both_engines};

on_both_engines!(
    whoever_is_at_a_job_keeps_it_for_as_long_as_it_takes,
    a_job_of_somebody_who_was_killed_is_taken_up_a_minute_later,
    whoever_lost_a_job_leaves_it_and_ends_nothing,
    a_job_that_kills_whoever_works_on_it_is_given_up,
);

async fn whoever_is_at_a_job_keeps_it_for_as_long_as_it_takes(engine: Engine) -> Result<()> {
    let bench = Bench::new(engine).await?;
    bench.behaves([Behaviour::Waits]);
    bench.scheduler().round().await?;
    let runner = bench.runner();
    let at_it = tokio::spawn(async move { runner.round().await });
    let until =
        "SELECT CASE WHEN lease_id IS NULL THEN '' ELSE CAST(due_at AS text) END AS x FROM jobs";
    eventually("it is in hand", || async {
        (!bench.place.text(until).await.ok()?.is_empty()).then_some(())
    })
    .await?;
    for _ in 0..5 {
        let before = bench.place.text(until).await?;
        bench.passes(50);
        eventually("it says that it is still there", || async {
            (bench.place.text(until).await.ok()? != before).then_some(())
        })
        .await?;
        assert!(!bench.runner().round().await?, "nobody else gets it");
    }
    bench.job.goes_on.notify_one();
    assert!(at_it.await??);
    assert_eq!(bench.states().await?, ["done 1"]);
    assert_eq!(bench.ran().len(), 1);
    Ok(())
}

async fn a_job_of_somebody_who_was_killed_is_taken_up_a_minute_later(engine: Engine) -> Result<()> {
    let bench = Bench::new(engine).await?;
    bench.behaves([Behaviour::Waits]);
    bench.scheduler().round().await?;
    let runner = bench.runner();
    let killed = tokio::spawn(async move { runner.round().await });
    eventually("it is in hand", || async { bench.is_begun().then_some(()) }).await?;
    killed.abort();
    assert!(killed.await.is_err());
    bench.passes(59);
    assert!(!bench.runner().round().await?);
    bench.passes(2);
    assert!(bench.runner().round().await?);
    assert_eq!(bench.states().await?, ["done 1"]);
    assert_eq!(bench.ran().len(), 1);
    Ok(())
}

async fn whoever_lost_a_job_leaves_it_and_ends_nothing(engine: Engine) -> Result<()> {
    let bench = Bench::new(engine).await?;
    bench.behaves([Behaviour::Waits]);
    bench.scheduler().round().await?;
    let runner = bench.runner();
    let at_it = tokio::spawn(async move { runner.round().await });
    eventually("it is in hand", || async { bench.is_begun().then_some(()) }).await?;
    let lost = "UPDATE jobs SET lease_id = '00000000-0000-4000-8000-000000000000'";
    bench.place.execute(lost).await?;
    assert!(at_it.await??, "it ended by itself");
    assert_eq!(bench.states().await?, ["pending 1"]);
    assert!(bench.ran().is_empty());
    Ok(())
}

async fn a_job_that_kills_whoever_works_on_it_is_given_up(engine: Engine) -> Result<()> {
    let bench = Bench::new(engine).await?;
    bench.scheduler().round().await?;
    bench.place.execute("UPDATE jobs SET attempts = 14").await?;
    assert!(bench.runner().round().await?);
    assert_eq!(bench.states().await?, ["dead 1"]);
    assert!(bench.ran().is_empty());
    Ok(())
}
