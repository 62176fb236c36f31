//! Secrets of an account, by the program: made, told, rotated, drilled, gone on with elsewhere, and taken along by a cut-over.

use serde_json::Value;
use testkit_aws::{Aws, Fault, Rule, Times};

use crate::runner::{Ended, Runner};
use crate::stage::{INSTANCE, PASSWORD, REGION, Stage};

fn rotate(runner: &Runner, words: &[&str]) -> Ended {
    runner.run(&[&["secrets", "rotate"][..], words, &["--yes"]].concat())
}

fn url(stage: &Stage, at: &str) -> String {
    let held: Value = serde_json::from_str(&stage.held("database", at)).unwrap_or_default();
    held["DATABASE_URL"].as_str().unwrap_or_default().to_owned()
}

fn of<'a>(status: &'a Value, secret: &str) -> &'a Value {
    let all = status["secrets"].as_array().unwrap().iter();
    let mut named = all.filter(|it| it["secret"] == secret);
    named.next().unwrap_or_else(|| panic!("{status}"))
}

#[test]
fn everything_is_made_rotated_and_drilled_and_nothing_is_told_twice() {
    let (stage, runner) = Stage::new();
    let said = runner
        .run_plainly(&["secrets", "init", "--yes"])
        .expect(0)
        .said();
    assert!(said.contains("'smtp' is given by somebody else"), "{said}");
    assert!(url(&stage, "AWSCURRENT").starts_with("postgres://app_login:"));
    let key = runner.run(&["evidence", "key"]).expect(0).document();
    for (words, login) in [
        (&["database"][..], "app_login_b"),
        (&["database"][..], "app_login"),
        (&["database", "--drill"][..], "app_login"),
    ] {
        let result = rotate(&runner, words).expect(0).result();
        assert_eq!(result["login"], login, "{result}");
    }
    rotate(&runner, &["master"]).expect(0);
    assert!(
        !stage
            .held("database-master", "AWSCURRENT")
            .contains(PASSWORD)
    );
    // Another machine comes in with the new password alone.
    let other = Runner::of(&stage);
    rotate(&other, &["database"]).expect(0);
    rotate(&other, &["signing"]).expect(0);
    assert_ne!(other.run(&["evidence", "key"]).expect(0).document(), key);
    rotate(&other, &["jwt"]).expect(0);
    let again = rotate(&other, &["jwt"]).expect(4).said();
    assert!(again.contains("rotate jwt --finish"), "{again}");
    rotate(&other, &["api-key"]).expect(0);
    rotate(&other, &["api-key", "--finish"]).expect(0);
    assert_eq!(stage.held("api-key", "AWSPREVIOUS"), "");
    rotate(&other, &["master", "--drill"]).expect(4);

    stage.wait(stage.secret("forgotten", "x"));
    let here = (Aws::ACCOUNT, REGION);
    let rotated = stage.aws.secrets_manager();
    assert!(rotated.rotate_by(here, "platform-staging/jwt", "arn:of:a-function"));
    let ended = other.run(&["secrets", "status"]).expect(0);
    let status = ended.document();
    let logins = &of(&status, "database")["versions"];
    assert_eq!(logins.as_array().unwrap().len(), 2, "{status}");
    let said = ended.said();
    assert!(said.contains("platform-staging/forgotten"), "{said}");
    assert!(said.contains("a-function"), "{said}");
    let secret = url(&stage, "AWSCURRENT");
    let secret = secret.split('@').next().unwrap();
    assert!(!said.contains(secret.rsplit(':').next().unwrap()));
}

#[test]
fn what_one_machine_left_midway_another_finishes() {
    let (stage, runner) = Stage::new();
    runner.run(&["secrets", "init", "--yes"]).expect(0);
    let refused = Fault::Refused("InvalidRequestException", "not now");
    let no_move = Rule::new(refused, Times::Always).action("UpdateSecretVersionStage");
    stage.aws.faults().add(no_move);
    let said = rotate(&runner, &["database"]).expect(7).said();
    assert!(said.contains("not now"), "{said}");
    stage.aws.faults().clear();
    let other = Runner::of(&stage);
    let listed = other.run(&["operation", "list", "--open"]).document();
    let operation = listed["operations"][0]["operation"].as_str().unwrap();
    other
        .run(&["operation", "resume", operation, "--yes"])
        .expect(0);
    assert!(url(&stage, "AWSCURRENT").contains("app_login_b:"));
    assert_eq!(stage.held("database", "AWSPENDING"), "");
}

#[test]
fn a_cut_over_takes_the_application_along_with_the_login_in_use() {
    let (stage, runner) = Stage::new();
    runner.run(&["secrets", "init", "--yes"]).expect(0);
    runner.back_up();
    // The backup does not know the password of this login.
    rotate(&runner, &["database"]).expect(0);
    runner
        .run(&["restore", "--cut-over", "--confirm", "staging"])
        .expect(0);
    let now = stage.instance(&stage.other_than(INSTANCE));
    let endpoint = now.endpoint().unwrap();
    let address = format!(
        "{}:{}",
        endpoint.address().unwrap(),
        endpoint.port().unwrap()
    );
    let url = url(&stage, "AWSCURRENT");
    assert!(
        url.starts_with("postgres://app_login_b:") && url.contains(&address),
        "{url}"
    );
    let status = runner.run(&["secrets", "status"]).expect(0).document();
    assert_eq!(of(&status, "database")["findings"], serde_json::json!([]));
    // The login works there, since a rotation begins with looking who is behind.
    rotate(&runner, &["database"]).expect(0);
}

#[test]
fn a_cluster_that_cannot_be_asked_keeps_nobody_from_seeing_how_old_secrets_are_and_nothing_is_rotated()
 {
    let (stage, runner) = Stage::new();
    runner.run(&["secrets", "init", "--yes"]).expect(0);
    let current = stage.held("jwt", "AWSCURRENT");
    runner.configure(|text| {
        text.replace(
            "    lock:\n",
            "    workloads: { manifests: k8s, namespace: platform, eks: nowhere }\n    lock:\n",
        )
    });
    let told = runner.run(&["secrets", "status"]).expect(9).document();
    let jwt = of(&told, "jwt");
    assert!(jwt["age_seconds"].is_u64(), "{jwt}");
    let why = jwt["unasked"].as_str().unwrap();
    assert!(why.contains("'nowhere'"), "{why}");
    assert_eq!(of(&told, "master")["unasked"], Value::Null);
    let people = runner.run_plainly(&["secrets", "status"]).expect(9);
    assert!(people.stdout.contains("unknown"), "{}", people.stdout);
    let refused = rotate(&runner, &["jwt"]).expect(1).said();
    assert!(refused.contains("'nowhere'"), "{refused}");
    assert_eq!(stage.held("jwt", "AWSCURRENT"), current);
    assert_eq!(stage.held("jwt", "AWSPENDING"), "");
    // Nobody reads it.
    rotate(&runner, &["master"]).expect(0);
}
