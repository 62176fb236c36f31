//! What has to end well before the workloads change: hooks and migrations.

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::Broken;
use crate::figures::{Sign, record};
use crate::place::Place;

#[test]
fn a_hook_that_fails_is_told_with_its_last_words_and_no_pod_changes() {
    let broken = Broken::by("hook", |_, it| it.job("prepare", ["end", "0"]))
        .of("job-failed", Sign::Event("BackoffLimitExceeded", ""));
    let shown = broken.place.well("history show 2").stdout;
    assert!(shown.contains("ended after 0 s, as told"), "{shown}");
    let sets = broken.place.kubectl("get replicasets --output name");
    assert_eq!(sets.lines().count(), 1, "the workload was touched: {sets}");
    let jobs = broken.place.kubectl("get jobs --output name");
    assert_eq!(jobs, "", "the hook is left behind");
}

#[test]
fn a_hook_that_ends_well_comes_before_the_workloads() {
    let place = Place::new("hook-well");
    let mut manifests = place.manifests("info");
    manifests.job("prepare", ["resolve", "localhost"]);
    place.release(&manifests);
    place.well("deploy v1.0.0 --yes");
    let of = |kind: &str| {
        let path = "jsonpath={.items[0].metadata.creationTimestamp}";
        place.kubectl(&format!("get {kind} --output {path}"))
    };
    let done = "get jobs --output jsonpath={.items[0].status.completionTime}";
    let (done, made) = (place.kubectl(done), of("deployments"));
    assert!(done <= made, "{done} {made}");
    assert_eq!(place.ends(), ["succeeded"]);
}

#[test]
fn a_migration_that_fails_stops_the_release_before_anything_is_applied() {
    let place = Place::new("migration");
    place.well("deploy v1.0.0 --yes");
    place.well("migrate down --to 10 --confirm cluster");
    stand_in_the_way(&place);
    place.level("debug");
    let began = std::time::Instant::now();
    // It was undone, and so nothing is broken.
    place
        .run("deploy --yes")
        .expect(1)
        .says("table jobs already exists");
    record(
        "migration",
        "migration-failed",
        began.elapsed().as_secs_f64(),
    );
    let findings = place.json("history show 2")["evidence"]["findings"].clone();
    assert_eq!(findings[0]["code"], "migration-failed", "{findings:#}");
    place.well("history show 2").says("migration-failed: ");
    assert_eq!(place.live_level(), "info");
    assert_eq!(place.ends(), ["succeeded", "rolled_back"]);
    assert_eq!(place.json("status")["healthy"], true);
}

/// Somebody made by hand what the last migration makes.
fn stand_in_the_way(place: &Place) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(place.database());
        let mut session = SqliteConnection::connect_with(&options).await.unwrap();
        let sql = "CREATE TABLE jobs (id INTEGER PRIMARY KEY)";
        sqlx::query(sql).execute(&mut session).await.unwrap();
        session.close().await.unwrap();
    });
}
