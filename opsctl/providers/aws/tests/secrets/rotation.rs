//! Whole rotations: under the real application, killed, resumed by somebody else, raced, and waiting for who never follows.

use std::sync::Arc;

use opsctl_core::FailureKind;
use opsctl_core::environment::Span;
use opsctl_core::ports::{SecretValue, VersionId};
use opsctl_core::secret::Secret;
use opsctl_core::secrets::{Goal, SecretKind, Wish};
use opsctl_simulation::{Counting, Grant, KillAt};
use testkit_aws::{Fault, Rule, Service, Times};

use crate::application::{App, Load, until};
use crate::database::FIRST_PASSWORD;
use crate::operations::Platform;

const DATABASE: SecretKind = SecretKind::Database;
const MASTER: SecretKind = SecretKind::Master;
const IMPATIENT: Wish = Wish {
    goal: Goal::Rotate,
    given: false,
    within: Span::seconds(6),
};

/// What `secrets init` makes.
async fn first_versions(platform: &Platform) {
    for kind in [DATABASE, SecretKind::Jwt, SecretKind::ApiKey] {
        platform.rotate(&format!("init-{kind}"), kind).await;
    }
}

async fn sessions_of(platform: &Platform, password: &str, login: &str) -> String {
    let count = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{login}'");
    platform.instance.text(password, &count).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_fails_while_everything_is_rotated_and_drilled() {
    let platform = Platform::new().await;
    first_versions(&platform).await;
    let all = "test/database,test/jwt,test/api-key";
    let apps = [
        App::start(&platform.aws, all),
        App::start(&platform.aws, "test/database,test/jwt"),
    ];
    platform.node.runs("api", &apps[0]);
    platform.node.runs("worker", &apps[1]);
    let load = Load::on(&apps);
    load.goes_on_for(100);
    for (turn, login) in ["app_login_b", "app_login"].into_iter().enumerate() {
        let result = platform
            .rotate(&format!("database-{turn}"), DATABASE)
            .await
            .result;
        assert_eq!(result["login"], login, "{result}");
        assert_eq!(result["processes"].as_array().unwrap().len(), 2, "{result}");
        load.goes_on_for(50);
    }
    let drill = platform.plan("drill", DATABASE, Goal::Drill).await.unwrap();
    let drilled = platform.execute(&drill).await.unwrap().result;
    assert!(
        drilled["drill"]["back_seconds"].as_f64().unwrap() > 0.0,
        "{drilled}"
    );
    assert_eq!(platform.login("AWSCURRENT").await.unwrap().0, "app_login");
    assert_eq!(
        sessions_of(&platform, FIRST_PASSWORD, "app_login_b").await,
        "0"
    );
    let result = platform.rotate("jwt", SecretKind::Jwt).await.result;
    assert!(result["before_needed_until"].is_string(), "{result}");
    let result = platform.rotate("api-key", SecretKind::ApiKey).await.result;
    assert_eq!(result["processes"], serde_json::json!(["pod api"]));
    let finish = platform
        .plan_finish("finish", SecretKind::ApiKey)
        .await
        .unwrap();
    platform.execute(&finish).await.unwrap();
    assert_eq!(platform.at("test/api-key", "AWSPREVIOUS").await, None);
    platform.rotate("master", MASTER).await;
    load.goes_on_for(50);
    // The administrator's next step is made with the new password.
    platform.rotate("after-master", DATABASE).await;
    let (asked, failures) = load.end();
    assert_eq!(failures, Vec::<String>::new(), "of {asked} requests");
    let standing = platform.standing().await;
    let secrets = standing.secrets.iter();
    let findings: Vec<_> = secrets.flat_map(|secret| &secret.findings).collect();
    let expected = findings
        .iter()
        .all(|finding| finding.what.contains("'jwt'"));
    assert!(expected, "{findings:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_any_boundary_it_is_finished_by_somebody_else() {
    let platform = Platform::new().await;
    for kind in [DATABASE, MASTER] {
        platform.rotate(&format!("first-{kind}"), kind).await;
        let plan = platform
            .plan(&format!("count-{kind}"), kind, Goal::Rotate)
            .await
            .unwrap();
        let counting = Arc::new(Counting::default());
        platform
            .execute_with(&plan, Arc::clone(&counting) as _)
            .await
            .unwrap();
        let boundaries = counting.boundaries().len();
        assert!(boundaries > 8, "{boundaries}");
        let secret = match kind {
            MASTER => "test/database-master",
            _ => "test/database",
        };
        for boundary in 0..boundaries - 1 {
            let kept = platform.kept(secret).await;
            let (before, _) = platform.at(secret, "AWSCURRENT").await.unwrap();
            let id = format!("kill-{kind}-{boundary}");
            let plan = platform.plan(&id, kind, Goal::Rotate).await.unwrap();
            let faults = Arc::new(KillAt::boundary(boundary));
            let died = platform.killed(&plan, faults).await;
            assert!(died.is_err(), "{id} was not killed");
            match platform.is_open(&plan).await {
                true => drop(platform.resume(&plan).await.unwrap()),
                // It had ended already, or had not begun.
                false if platform.at(secret, "AWSCURRENT").await.unwrap().0 == before => {
                    platform.execute(&plan).await.unwrap();
                }
                false => {}
            }
            assert_eq!(platform.kept(secret).await, kept + 1, "{id}");
            assert_eq!(platform.at(secret, "AWSPENDING").await, None, "{id}");
            assert_eq!(
                platform.at(secret, "AWSPREVIOUS").await.unwrap().0,
                before,
                "{id}"
            );
        }
    }
    let standing = platform.standing().await;
    let findings = standing.secrets.iter().flat_map(|secret| &secret.findings);
    assert_eq!(findings.count(), 0, "{standing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_lost_after_each_change_costs_a_look_and_no_more() {
    let platform = Platform::new().await;
    platform.rotate("first", DATABASE).await;
    let changes = [
        "PutSecretValue",
        "UpdateSecretVersionStage",
        "ModifyDBInstance",
    ];
    for (turn, action) in changes.into_iter().enumerate() {
        let kind = if turn == 2 { MASTER } else { DATABASE };
        let plan = platform
            .plan(&format!("lost-{turn}"), kind, Goal::Rotate)
            .await
            .unwrap();
        let always = Rule::new(Fault::LostAnswer, Times::Next(3)).action(action);
        platform.aws.faults().add(always);
        platform.execute(&plan).await.unwrap();
        platform.aws.faults().clear();
        assert_eq!(
            platform.at("test/database", "AWSPENDING").await,
            None,
            "{action}"
        );
    }
    assert_eq!(
        platform.kept("test/database").await,
        4,
        "place, first and two"
    );
    assert_eq!(platform.kept("test/database-master").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pod_that_never_follows_is_named_keeps_its_login_and_is_waited_for() {
    let platform = Platform::new().await;
    first_versions(&platform).await;
    let app = App::start(&platform.aws, "test/database,test/jwt");
    platform.node.runs("api-0", &app);
    app.freeze(true);
    let plan = platform.plan_of("stuck", DATABASE, &IMPATIENT).await;
    let refused = platform.execute(&plan.unwrap()).await.unwrap_err();
    assert!(refused.to_string().contains("in use"), "{refused}");
    app.freeze(false);
    until("it answers again", || app.sign_up("bob") == 201);

    let plan = platform
        .plan_of("late", DATABASE, &IMPATIENT)
        .await
        .unwrap();
    let stuck = platform.clone();
    let process = Arc::new(app);
    let hangs = Arc::clone(&process);
    let watching = tokio::spawn(async move {
        // Hangs from the moment when the new version is current.
        while stuck.login("AWSCURRENT").await.unwrap().0 != "app_login_b" {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        hangs.freeze(true);
    });
    let stopped = platform.execute(&plan).await;
    // It may have ended before anything was current: then there is nothing more to wait for.
    watching.abort();
    let hung = watching.await.is_ok();
    process.freeze(false);
    let early = "it ended before the new version was current";
    assert!(hung || stopped.is_ok(), "{early}: {stopped:?}");
    if let Err(failure) = stopped {
        assert_eq!(failure.kind, FailureKind::Stopped, "{failure}");
        assert!(format!("{failure:?}").contains("pod api-0"), "{failure:?}");
        assert!(platform.is_open(&plan).await);
        platform.resume(&plan).await.unwrap();
    }
    assert_eq!(process.sign_up("ada"), 201, "it was locked out");
    assert_eq!(
        sessions_of(&platform, FIRST_PASSWORD, "app_login").await,
        "0"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_rotations_at_once_the_second_waits_or_is_refused() {
    let platform = Platform::new().await;
    platform.rotate("first", DATABASE).await;
    let one = platform.plan("one", DATABASE, Goal::Rotate).await.unwrap();
    let two = platform.plan("two", DATABASE, Goal::Rotate).await.unwrap();
    let (first, second) = tokio::join!(platform.execute(&one), platform.execute(&two));
    let refused = match (first, second) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        other => panic!("one of them goes through: {other:?}"),
    };
    let known = [
        FailureKind::Locked,
        FailureKind::Refused,
        FailureKind::Failed,
    ];
    assert!(known.contains(&refused.kind), "{refused:?}");
    assert_eq!(
        platform.kept("test/database").await,
        3,
        "place, first and one more"
    );
    assert_eq!(platform.at("test/database", "AWSPENDING").await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_others_left_pending_is_used_if_it_fits_and_dropped_if_not() {
    let platform = Platform::new().await;
    platform.rotate("first", DATABASE).await;
    let (world, grant) = (platform.world(), Grant::new("left-it").await);
    let left = SecretValue::Login {
        user: "app_login_b".into(),
        password: Secret::new("00112233445566778899aabbccddeeff".into()),
    };
    let version = VersionId("0f0e0d0c-0b0a-4909-8807-060504030201".into());
    let store = &world.secrets().unwrap().store;
    store
        .put_pending(&grant.permit(), DATABASE, &version, &left)
        .await
        .unwrap();
    let result = platform.rotate("uses-it", DATABASE).await.result;
    assert_eq!(result["current"], version.0, "{result}");

    let odd = serde_json::json!({"DATABASE_URL": "nothing"}).to_string();
    let orphan = platform
        .client
        .put_secret_value()
        .secret_id("test/database");
    let orphan = orphan.version_stages("AWSPENDING").secret_string(odd);
    orphan.send().await.unwrap();
    let result = platform.rotate("drops-it", DATABASE).await.result;
    assert_eq!(result["login"], "app_login", "{result}");
    assert_eq!(platform.at("test/database", "AWSPENDING").await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn half_of_the_calls_turned_away_a_rotation_only_takes_longer() {
    let platform = Platform::new().await;
    platform.rotate("first", DATABASE).await;
    let half = Rule::new(Fault::Throttled, Times::Percent(50, 11));
    platform
        .aws
        .faults()
        .add(half.service(Service::SecretsManager));
    platform.rotate("throttled", DATABASE).await;
    platform.aws.faults().clear();
    assert_eq!(
        platform.kept("test/database").await,
        3,
        "place, first and one more"
    );
}
