//! Whose account it is, and a database in it that becomes the environment's own.

use std::time::Duration;

use serde_json::json;
use testkit_aws::{Fault, Keys, Rule, Service, Times};

use crate::runner::Runner;
use crate::stage::{INSTANCE, REGION, Stage};

/// What changes something in RDS or in the secrets.
fn changes(stage: &Stage) -> Vec<String> {
    let calls = stage.aws.calls();
    let reads = ["Get", "Describe", "List"];
    let actions = calls.iter().map(|call| call.action.clone());
    let changes = actions.filter(|action| !reads.iter().any(|word| action.starts_with(word)));
    changes.collect()
}

#[test]
fn another_account_is_refused_and_nobody_without_keys_gets_in() {
    let stage = Stage::bare();
    let before = changes(&stage);
    let elsewhere = stage.aws.open_account("222222222222").keys.clone();
    let stranger = Runner::of(&stage).with_keys(elsewhere);
    for words in [&["migrate", "up"][..], &["backup", "create"], &["doctor"]] {
        let refused = stranger.run(words).expect(4);
        assert!(
            refused.said().contains("222222222222"),
            "{}",
            refused.said()
        );
        assert!(refused.said().contains("AWS_PROFILE"), "{}", refused.said());
    }
    let unknown = Keys {
        access_key_id: "of-nobody-example".into(),
        secret_access_key: "nor-this".into(),
        session_token: None,
    };
    let nobody = Runner::of(&stage).with_keys(unknown);
    let refused = nobody.run(&["migrate", "up"]).expect(8);
    assert!(
        refused.said().contains("log in again"),
        "{}",
        refused.said()
    );
    let runner = Runner::of(&stage);
    let mut without = runner.command(&["migrate", "up"]);
    without
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    assert_eq!(without.output().unwrap().status.code(), Some(8));
    assert_eq!(changes(&stage), before, "nothing was written");
    assert!(stage.state_is_empty(), "not even in S3");
}

#[test]
fn an_instance_of_terraform_is_migrated_and_found_well_by_any_runner() {
    let (stage, runner) = Stage::new();
    assert_eq!(stage.sql(INSTANCE, "SELECT count(*) FROM users"), "20");
    runner.back_up();
    let other = Runner::of(&stage);
    let status = other.run(&["migrate", "status", "--exit-code"]).expect(0);
    assert!(!status.stdout.contains("pending\":[1"), "{}", status.stdout);
    let examined = other.run(&["doctor"]);
    assert!(examined.said().contains("answers"), "{}", examined.said());
}

#[test]
fn a_database_that_was_filled_by_others_is_adopted_with_the_identity_that_it_has() {
    let (stage, runner) = Stage::new();
    let lineage = stage.sql(INSTANCE, "SELECT lineage_id FROM database_identity");
    stage.forget_state();
    let refused = runner.run(&["migrate", "up"]).expect(4);
    assert!(refused.said().contains("env adopt"), "{}", refused.said());
    let words = ["env", "adopt", "--reason", "moved", "--confirm", "staging"];
    let adopted = runner.run(&words).expect(0).result();
    assert_eq!(adopted["lineage_id"], lineage.as_str());
    assert_eq!(runner.run(&["migrate", "up"]).expect(0).code, Some(0));
    runner.back_up();
}

#[test]
fn an_unencrypted_way_is_for_rehearsals_alone() {
    let stage = Stage::bare();
    let runner = Runner::of(&stage);
    runner.configure(|text| {
        text.replace("    database:", "    protection: protected\n    database:")
    });
    let refused = runner.run(&["doctor"]).expect(2);
    assert!(
        refused.said().contains("in the clear"),
        "{}",
        refused.said()
    );
    runner.configure(|text| text.replace("      tls: off\n", ""));
    let refused = runner.run(&["doctor"]).expect(2);
    assert!(
        refused.said().contains("database.authority"),
        "{}",
        refused.said()
    );
}

#[test]
fn whoever_measures_the_promises_reads_records_and_no_secret() {
    let (stage, runner) = Stage::new();
    runner.run(&["secrets", "init", "--yes"]).expect(0);
    runner.back_up();
    let before = stage.aws.calls().len();
    let measured = runner.run_plainly(&["metrics"]).expect(0).said();
    for metric in ["opsctl_backup", "opsctl_secret_changed"] {
        assert!(measured.contains(metric), "{measured}");
    }
    let calls = stage.aws.calls().split_off(before);
    let role = include_str!("../../../../infra/terraform/modules/service-roles/watchers.tf");
    let (_, role) = role.split_once("opsctl_metrics = [").unwrap();
    let (role, _) = role.split_once("\n  ]\n").unwrap();
    for call in calls.iter().filter(|it| it.action != "GetCallerIdentity") {
        let granted = format!(":{}\"", call.action);
        assert!(role.contains(&granted), "{} is not granted", call.action);
    }
    assert!(calls.iter().any(|call| call.action == "DescribeSecret"));
}

#[test]
fn two_who_make_the_key_for_evidence_at_once_end_with_the_same() {
    let stage = Stage::bare();
    let console = stage.aws.console(stage.aws.account(), REGION);
    let made = json!({
        "Name": "platform-staging/signing",
        "ClientRequestToken": "00000000-0000-4000-8000-000000000001",
    });
    let answer = console.ask(Service::SecretsManager, "CreateSecret", made);
    answer.unwrap();
    // Both have looked before one of them writes.
    let late = Fault::Slow(Duration::from_millis(800));
    let rule = Rule::new(late, Times::Always).action("GetSecretValue");
    stage.aws.faults().add(rule);
    let keys = std::thread::scope(|scope| {
        let one = || Runner::of(&stage).run(&["evidence", "key"]).expect(0);
        let both = [scope.spawn(one), scope.spawn(one)];
        both.map(|running| running.join().unwrap().stdout)
    });
    assert!(keys[0].len() > 64, "{}", keys[0]);
    assert_eq!(keys[0], keys[1]);
    assert_eq!(stage.calls("PutSecretValue"), 2, "none of them was late");
}
