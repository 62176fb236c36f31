//! `opsctl backup export`: a real dump of a real database in a real S3, restored for proof, killed in the middle, and looked after.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::runner::Runner;
use crate::stage::{INSTANCE, Stage};
use crate::wire::Wire;

const LIMIT: Duration = Duration::from_secs(120);

fn export(runner: &Runner) -> String {
    let ended = runner.run(&["backup", "export"]).expect(0);
    ended.result()["export"]["id"].as_str().unwrap().to_owned()
}

fn listed(runner: &Runner) -> Vec<String> {
    let listed = runner.run(&["backup", "list"]).expect(0).document();
    let exports = listed["exports"].as_array().cloned().unwrap_or_default();
    let id = |it: &Value| {
        assert_eq!(it["kind"], "export");
        it["id"].as_str().unwrap().to_owned()
    };
    exports.iter().map(id).collect()
}

fn manifest(stage: &Stage, id: &str) -> Value {
    let bytes = stage.kept("backups", &format!("exports/{id}/manifest.json"));
    serde_json::from_slice(&bytes).unwrap()
}

/// So much in the database that a dump of it takes a while and more than one part.
fn fill(stage: &Stage) {
    let fill = "CREATE TABLE filling AS SELECT n, (SELECT string_agg(md5(random()::text || n || i), '') \
        FROM generate_series(1, 40) AS i) AS text FROM generate_series(1, 20000) AS n";
    stage.sql(INSTANCE, fill);
}

#[test]
fn an_export_is_listed_encrypted_and_restores_whole_into_a_server_of_its_own() {
    let (stage, runner) = Stage::new();
    let id = export(&runner);
    assert_eq!(listed(&runner), std::slice::from_ref(&id));
    let manifest = manifest(&stage, &id);
    assert_eq!(manifest["source"], INSTANCE);
    assert_eq!(manifest["facts"]["rows"]["public.users"], 20);
    let sum = manifest["sha256"].as_str().unwrap();
    assert_eq!(sum.len(), 64);
    let dump = format!("exports/{id}/dump");
    assert_eq!(
        stage.encryption("backups", &dump).as_deref(),
        Some("aws:kms")
    );
    assert!(stage.kept("backups", &dump).starts_with(b"PGDMP"));
    runner.run(&["backup", "verify", &id]).expect(0);
    let shown = runner.run(&["backup", "show", &id]).expect(0).document();
    assert_eq!(shown["kind"], "export");
    let backup = runner.back_up();
    let list = runner.run_plainly(&["backup", "list"]).expect(0).stdout;
    assert!(list.contains("KIND") && list.contains(&backup), "{list}");
}

#[test]
fn one_that_was_changed_or_lost_since_is_no_good() {
    let (stage, runner) = Stage::new();
    let id = export(&runner);
    let dump = format!("exports/{id}/dump");
    let mut bytes = stage.kept("backups", &dump);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    stage.keep("backups", &dump, bytes.clone());
    let damaged = runner.run(&["backup", "verify", &id]).expect(6).said();
    assert!(damaged.contains("is not what was written"), "{damaged}");
    bytes.truncate(middle);
    stage.keep("backups", &dump, bytes);
    let list = runner.run(&["backup", "list"]).expect(0).document();
    assert_eq!(list["unreadable"][0]["id"], id.as_str(), "{list}");
    let short = runner.run(&["backup", "verify", &id]).expect(6).said();
    assert!(short.contains("bytes instead of"), "{short}");
}

#[test]
fn the_replica_is_read_where_there_is_one() {
    let (stage, runner) = Stage::new();
    stage.follow("orders-replica");
    let id = export(&runner);
    let manifest = manifest(&stage, &id);
    assert_eq!(manifest["source"], "orders-replica", "{manifest}");
    assert_eq!(manifest["facts"]["rows"]["public.users"], 20);
    runner.run(&["backup", "verify", &id]).expect(0);
}

#[test]
fn a_bucket_in_the_clear_is_refused_where_copies_are_encrypted() {
    let (stage, runner) = Stage::new();
    stage.decrypt("backups");
    runner.configure(|text| {
        let key = "name: platform-staging\n      copy_key: alias/copies\n";
        text.replace("name: platform-staging\n", key)
    });
    let (plan, id) = runner.planned(&["backup", "export"]);
    let refused = runner
        .run(&["backup", "export", "--plan", &plan])
        .expect(4)
        .said();
    assert!(refused.contains("does not encrypt"), "{refused}");
    assert_eq!(stage.uploads(&id), 0, "nothing is paid for");
}

fn begun(runner: &Runner, plan: &str) -> Child {
    let mut command = runner.command(&["backup", "export", "--plan", plan]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn killed_in_the_middle_of_its_upload_it_is_made_once_and_nothing_else_is_paid_for() {
    let (stage, runner) = Stage::new();
    fill(&stage);
    let (plan, id) = runner.planned(&["backup", "export"]);
    let mut killed = begun(&runner, &plan);
    let began = Instant::now();
    while stage.uploads(&id) == 0 {
        assert!(began.elapsed() < LIMIT, "no upload begins");
        assert!(killed.try_wait().unwrap().is_none(), "it ended");
        std::thread::park_timeout(Duration::from_millis(5));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(stage.uploads(&id), 1);
    assert_eq!(listed(&runner), Vec::<String>::new(), "it is none yet");
    let other = Runner::of(&stage);
    other.resume().expect(0);
    assert_eq!(listed(&runner), std::slice::from_ref(&id));
    assert_eq!(stage.uploads(&id), 0);
    runner.run(&["backup", "verify", &id]).expect(0);
}

#[test]
fn an_answer_lost_after_the_parts_were_put_together_or_the_manifest_was_written_is_found_again() {
    let (stage, runner) = Stage::new();
    for needle in ["?uploadId=", "content-type: application/json"] {
        let wire = Wire::losing(&stage.s3.url(), needle);
        let before = listed(&runner).len();
        let mut command = runner.command(&["backup", "export"]);
        let ended = command
            .env("AWS_ENDPOINT_URL_S3", &wire.url)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(0), "{needle}: {said}");
        assert_eq!(wire.lost(), 1, "{needle}");
        let now = listed(&runner);
        assert_eq!(now.len(), before + 1, "{needle}");
        let left = now.iter().map(|id| stage.uploads(id)).sum::<usize>();
        assert_eq!(left, 0, "{needle}");
    }
}

#[test]
fn killed_at_each_boundary_another_machine_goes_on_and_it_is_there_once() {
    let (stage, runner) = Stage::new();
    let words = ["backup", "export"];
    let boundaries = runner.boundaries(&words);
    let mut made = 1;
    for step in ["export:started", "export:applied"] {
        runner.killed_at(&words, &boundaries, step);
        Runner::of(&stage).resume().expect(0);
        made += 1;
        let now = listed(&runner);
        assert_eq!(now.len(), made, "killed at {step}");
        let left = now.iter().map(|id| stage.uploads(id)).sum::<usize>();
        assert_eq!(left, 0, "killed at {step}");
    }
}

#[test]
fn whoever_measures_promises_reads_nothing_of_exports() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    export(&runner);
    // While one is put together, looking at it takes a right that whoever measures does not have.
    let wire = Wire::losing(&stage.s3.url(), "exports");
    let asked = |words: &[&str]| {
        let mut command = runner.command(words);
        let command = command.env("AWS_ENDPOINT_URL_S3", &wire.url);
        let ended = command.output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
        serde_json::from_slice::<Value>(&ended.stdout).unwrap()
    };
    let told = asked(&["metrics"]);
    assert!(told["backups"].as_u64() > Some(0), "{told}");
    assert_eq!(wire.lost(), 0, "it asks for exports");
    // Whoever lists them does.
    let told = asked(&["backup", "list"]);
    assert_eq!(
        (told["exports"].as_array().map(Vec::len), wire.lost()),
        (Some(1), 1)
    );
}
