//! Versions and stages, strictly: nothing twice, nothing by mistake, and every refusal says why.

use opsctl_core::FailureKind;
use opsctl_core::ports::{SecretStore, Stage as At};
use opsctl_core::secrets::SecretKind;
use testkit_aws::{Aws, Fault, Rule, Times};

use crate::stage::{REGION, Stage, descriptor, id, login, text};

const JWT: SecretKind = SecretKind::Jwt;
const DATABASE: SecretKind = SecretKind::Database;
const HERE: (&str, &str) = (Aws::ACCOUNT, REGION);

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_pending_then_current_and_the_one_before_is_previous() {
    let stage = Stage::new().await;
    stage.made(JWT, None, "one").await;
    stage.put(JWT, "two").await.unwrap();
    stage.put(JWT, "two").await.unwrap();
    assert_eq!(
        stage.stages(JWT).await,
        [
            ("one".into(), vec![At::Current]),
            ("two".into(), vec![At::Pending])
        ]
    );
    stage.go(JWT, Some("one"), "two").await.unwrap();
    stage.go(JWT, Some("one"), "two").await.unwrap();
    assert_eq!(
        stage.stages(JWT).await,
        [
            ("one".into(), vec![At::Previous]),
            ("two".into(), vec![At::Current, At::Pending])
        ]
    );
    assert_eq!(
        stage.secrets().read(JWT, &id("two")).await.unwrap(),
        text("two")
    );
    assert_eq!(
        stage.document("test/jwt", "AWSCURRENT").await["JWT_SECRET"],
        "two"
    );
    stage.go(JWT, Some("two"), "one").await.unwrap();
    assert_eq!(
        stage.kept("test/jwt").await,
        2,
        "the way back makes nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_comes_first_is_pending_and_not_current_at_once() {
    let stage = Stage::new().await;
    stage.create("test/database").await;
    stage.put(DATABASE, "one").await.unwrap();
    assert_eq!(
        stage.stages(DATABASE).await,
        [("one".into(), vec![At::Pending])]
    );
    stage.go(DATABASE, None, "one").await.unwrap();
    let document = stage.document("test/database", "AWSCURRENT").await;
    let url = "postgres://app_login:00ff@first.example:5432/app";
    assert_eq!(document["DATABASE_URL"], url);
    let known = stage.secrets().describe(DATABASE).await.unwrap().unwrap();
    assert_eq!(
        known.at(At::Current).unwrap().login.as_deref(),
        Some("app_login")
    );
    assert_eq!(
        known.at(At::Previous),
        None,
        "what only kept the place is nobody's"
    );
    assert_eq!(
        stage.secrets().read(DATABASE, &id("one")).await.unwrap(),
        login("app_login")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_answer_was_lost_is_made_once() {
    for (action, at_most) in [
        ("CreateSecret", 1),
        ("PutSecretValue", 1),
        ("UpdateSecretVersionStage", 1),
        ("DescribeSecret", 3),
    ] {
        let stage = Stage::new().await;
        let lost = Rule::new(Fault::LostAnswer, Times::Next(at_most));
        stage.aws.faults().add(lost.action(action));
        stage.made(JWT, None, "one").await;
        stage.aws.faults().clear();
        let lost = Rule::new(Fault::LostAnswer, Times::Next(at_most));
        stage.aws.faults().add(lost.action(action));
        stage.made(JWT, Some("one"), "two").await;
        assert_eq!(
            stage.stages(JWT).await,
            [
                ("one".into(), vec![At::Previous]),
                ("two".into(), vec![At::Current])
            ],
            "{action}"
        );
        assert_eq!(stage.kept("test/jwt").await, 2, "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_may_have_taken_place_is_looked_for_before_it_is_asked_for_again() {
    let stage = Stage::new().await;
    stage.made(JWT, None, "one").await;
    stage.put(JWT, "two").await.unwrap();
    let lost = Rule::new(Fault::LostAnswer, Times::Next(1));
    stage
        .aws
        .faults()
        .add(lost.action("UpdateSecretVersionStage"));
    let before = stage.aws.calls().len();
    stage.go(JWT, Some("one"), "two").await.unwrap();
    let calls = stage.aws.calls();
    let moved = calls[before..].iter();
    let moved = moved.filter(|call| call.action == "UpdateSecretVersionStage");
    assert_eq!(moved.count(), 1, "it was asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_race_one_is_refused_and_nothing_is_lost() {
    let stage = Stage::new().await;
    stage.made(JWT, None, "one").await;
    stage.put(JWT, "two").await.unwrap();
    let late = stage.put(JWT, "three").await.unwrap_err();
    assert_eq!(late.kind, FailureKind::Locked, "{late}");
    let other = stage.secrets();
    let permit = stage.grant.permit();
    let taken = other
        .put_pending(&permit, JWT, &id("two"), &text("else"))
        .await;
    assert_eq!(taken.unwrap_err().kind, FailureKind::Locked);
    let (one, two) = tokio::join!(
        stage.go(JWT, Some("one"), "two"),
        stage.go(JWT, Some("one"), "two")
    );
    assert!(one.is_ok() && two.is_ok(), "the same is done once");
    let late = stage.go(JWT, Some("one"), "two").await;
    assert!(late.is_ok(), "it is done already");
    stage.put(JWT, "four").await.unwrap();
    let late = stage.go(JWT, Some("one"), "four").await.unwrap_err();
    assert_eq!(late.kind, FailureKind::Locked, "{late}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_its_stage_to_somebody_else_is_told_so() {
    let stage = Stage::new().await;
    stage.made(JWT, None, "one").await;
    stage.put(JWT, "two").await.unwrap();
    let stolen = stage.client.put_secret_value().secret_id("test/jwt");
    let stolen = stolen
        .client_request_token(id("thief").0)
        .version_stages("AWSPENDING");
    stolen
        .secret_string(r#"{"JWT_SECRET": "x"}"#)
        .send()
        .await
        .unwrap();
    let failure = stage.go(JWT, Some("one"), "two").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Locked);
    assert!(failure.what.contains("pending no more"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_calls_turned_away_only_take_longer() {
    let stage = Stage::new().await;
    let half = Rule::new(Fault::Throttled, Times::Percent(50, 7));
    stage.aws.faults().add(half);
    stage.made(JWT, None, "one").await;
    stage.made(JWT, Some("one"), "two").await;
    stage.aws.faults().clear();
    assert_eq!(stage.kept("test/jwt").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_rotate_or_own_is_told() {
    let stage = Stage::new().await;
    stage.made(JWT, None, "one").await;
    let secrets = stage.aws.secrets_manager();
    assert!(secrets.rotate_by(HERE, "test/jwt", "arn:aws:lambda:x:1:function:rotate"));
    let told = stage.secrets().describe(JWT).await.unwrap().unwrap();
    assert!(told.rotated_by.unwrap().contains("function:rotate"));
    assert!(secrets.give_to(HERE, "test/jwt", "rds"));
    let told = stage.secrets().describe(JWT).await.unwrap().unwrap();
    assert!(told.rotated_by.unwrap().contains("rds"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_pending_version_is_of_no_use_and_is_dropped() {
    let stage = Stage::new().await;
    stage.made(JWT, None, "one").await;
    let secrets = stage.aws.secrets_manager();
    assert!(secrets.leave_empty_pending(HERE, "test/jwt", &id("empty").0));
    let facts = stage.secrets().describe(JWT).await.unwrap().unwrap();
    assert!(!facts.pending().unwrap().whole);
    let refused = stage.put(JWT, "two").await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Locked);
    let permit = stage.grant.permit();
    let dropped = stage.secrets();
    dropped
        .drop_stage(&permit, JWT, At::Pending, &id("empty"))
        .await
        .unwrap();
    stage.put(JWT, "two").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_was_prepared_for_another_database_is_never_used() {
    let stage = Stage::new().await;
    stage.made(DATABASE, None, "one").await;
    stage.put(DATABASE, "two").await.unwrap();
    let mut moved = descriptor("second.example:5432");
    moved.generation = 2;
    use opsctl_core::ports::Pointer;
    let permit = stage.grant.permit();
    stage.pointer.replace(&permit, 1, &moved).await.unwrap();
    let facts = stage.secrets().describe(DATABASE).await.unwrap().unwrap();
    assert!(!facts.pending().unwrap().whole);
    let failure = stage.go(DATABASE, Some("one"), "two").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Locked);
    assert!(failure.what.contains("another database"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strays_are_named_and_what_is_nobodys_business_is_not() {
    let stage = Stage::new().await;
    for name in ["test/jwt", "test/old-key", "other/thing", "testing/thing"] {
        stage.create(name).await;
    }
    assert_eq!(stage.secrets().strays().await.unwrap(), ["test/old-key"]);
    let never = stage.secrets().describe(SecretKind::Smtp).await.unwrap();
    assert_eq!(never, None);
    let empty = stage.secrets().describe(JWT).await.unwrap().unwrap();
    assert!(empty.versions.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_to_be_deleted_is_told_with_the_way_back() {
    let stage = Stage::new().await;
    stage.made(JWT, None, "one").await;
    let delete = stage.client.delete_secret().secret_id("test/jwt");
    delete.recovery_window_in_days(7).send().await.unwrap();
    let failure = stage.secrets().describe(JWT).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.hints[0].contains("restore-secret"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_wrote_by_hand_is_neither_used_nor_repeated() {
    let stage = Stage::new().await;
    stage.create("test/jwt").await;
    let put = stage.client.put_secret_value().secret_id("test/jwt");
    put.secret_string("hunter2, in the clear")
        .send()
        .await
        .unwrap();
    let failure = stage.secrets().describe(JWT).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
}
