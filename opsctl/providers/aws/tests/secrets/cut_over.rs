//! Another database takes over: the application hears of it by its secret, and descriptor and secret never disagree for good.

use opsctl_core::FailureKind;
use opsctl_core::ports::{Descriptor, Mode, Pointer};
use opsctl_core::secrets::{Goal, SecretKind};
use opsctl_simulation::Grant;
use testkit_aws::{Fault, Rule, Times};

use crate::application::{App, until};
use crate::database::{FIRST_PASSWORD, Instance};
use crate::operations::Platform;

const DATABASE: SecretKind = SecretKind::Database;

/// The same descriptor, one generation on, at another instance.
fn moved(from: &Descriptor, to: &Instance) -> Descriptor {
    Descriptor {
        generation: from.generation + 1,
        ..to.descriptor.clone()
    }
}

async fn url(platform: &Platform) -> String {
    let (_, held) = platform.at("test/database", "AWSCURRENT").await.unwrap();
    held["DATABASE_URL"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_application_follows_to_the_other_database_with_the_login_in_use() {
    let platform = Platform::new().await;
    for kind in [DATABASE, SecretKind::Jwt] {
        platform.rotate(&format!("init-{kind}"), kind).await;
    }
    let app = App::start(&platform.aws, "test/database,test/jwt");
    platform.node.runs("api", &app);
    assert_eq!(app.sign_up("before"), 201);
    let second = Instance::create(&platform.rds, "second").await;
    let (pointer, grant) = (platform.pointer(), Grant::new("cut-over").await);
    let found = pointer.read().await.unwrap().unwrap();
    let new = moved(&found, &second);
    // Nobody has a password there yet: the login in use is given its own.
    pointer
        .replace(&grant.permit(), found.generation, &new)
        .await
        .unwrap();
    assert!(url(&platform).await.contains(&second.address));
    assert_eq!(pointer.read().await.unwrap().unwrap(), new);
    let followers = || async {
        let world = platform.world();
        let delivery = &world.secrets().unwrap().delivery;
        let mark = delivery.told(DATABASE).await.unwrap().unwrap();
        delivery.followers(DATABASE, &mark).await.unwrap()
    };
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    while !followers().await.iter().all(|follower| follower.follows) {
        assert!(
            tokio::time::Instant::now() < deadline,
            "{:?}",
            followers().await
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(app.sign_up("after"), 201);
    let users = "SELECT count(*) FROM users";
    assert_eq!(second.text(FIRST_PASSWORD, users).await, "1");
    assert_eq!(platform.instance.text(FIRST_PASSWORD, users).await, "1");

    // Standing aside is told the same way.
    let aside = Descriptor {
        generation: new.generation + 1,
        mode: Mode::ReadOnly,
        ..new.clone()
    };
    pointer
        .replace(&grant.permit(), new.generation, &aside)
        .await
        .unwrap();
    until("writes are refused", || app.sign_up("aside") == 503);
    let back = Descriptor {
        generation: aside.generation + 1,
        mode: Mode::Normal,
        ..aside.clone()
    };
    pointer
        .replace(&grant.permit(), aside.generation, &back)
        .await
        .unwrap();
    until("writes are taken", || app.sign_up("again") == 201);
    // A rotation finds what the cut-over left.
    let result = platform.rotate("after", DATABASE).await.result;
    assert_eq!(result["processes"], serde_json::json!(["pod api"]));
    assert!(url(&platform).await.contains(&second.address));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn broken_off_anywhere_it_is_done_once_by_whoever_goes_on() {
    let platform = Platform::new().await;
    platform.rotate("init", DATABASE).await;
    let mut instances = vec![Instance::create(&platform.rds, "second").await];
    instances.push(Instance::create(&platform.rds, "third").await);
    let grant = Grant::new("cut-over").await;
    let changes = ["PutSecretValue", "UpdateSecretVersionStage"];
    for (action, target) in changes.into_iter().zip(&instances) {
        let kept = platform.kept("test/database").await;
        let pointer = platform.pointer();
        let found = pointer.read().await.unwrap().unwrap();
        let new = moved(&found, target);
        let refused = Fault::Refused("InvalidRequestException", "not now");
        platform
            .aws
            .faults()
            .add(Rule::new(refused, Times::Always).action(action));
        let broken = pointer
            .replace(&grant.permit(), found.generation, &new)
            .await;
        assert!(broken.is_err(), "{action}");
        platform.aws.faults().clear();
        assert_eq!(pointer.read().await.unwrap().unwrap(), found, "{action}");

        let lost = Rule::new(Fault::LostAnswer, Times::Next(2)).action(action);
        platform.aws.faults().add(lost);
        let other = platform.pointer();
        other
            .replace(&grant.permit(), found.generation, &new)
            .await
            .unwrap();
        platform.aws.faults().clear();
        assert_eq!(other.read().await.unwrap().unwrap(), new, "{action}");
        assert_eq!(platform.kept("test/database").await, kept + 1, "{action}");
        assert_eq!(
            platform.at("test/database", "AWSPENDING").await,
            None,
            "{action}"
        );
        assert!(url(&platform).await.contains(&target.address));
        let late = pointer
            .replace(&grant.permit(), found.generation, &new)
            .await;
        assert_eq!(late.unwrap_err().kind, FailureKind::Locked);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rotation_and_a_cut_over_exclude_each_other_and_what_was_prepared_is_not_used() {
    let platform = Platform::new().await;
    platform.rotate("init", DATABASE).await;
    let plan = platform
        .plan("rotate", DATABASE, Goal::Rotate)
        .await
        .unwrap();
    let locks: Vec<String> = plan.resources.iter().map(ToString::to_string).collect();
    assert_eq!(locks, ["database", "secrets"], "what a cut-over locks, too");
    // A rotation that somebody abandoned left the next login, for the database of then.
    let (_, mut held) = platform.at("test/database", "AWSCURRENT").await.unwrap();
    let next = url(&platform).await.replace("app_login:", "app_login_b:");
    held["DATABASE_URL"] = next.into();
    let orphan = platform
        .client
        .put_secret_value()
        .secret_id("test/database");
    let orphan = orphan
        .version_stages("AWSPENDING")
        .secret_string(held.to_string());
    let orphan = orphan.send().await.unwrap().version_id.unwrap();
    let second = Instance::create(&platform.rds, "second").await;
    let (pointer, grant) = (platform.pointer(), Grant::new("cut-over").await);
    let found = pointer.read().await.unwrap().unwrap();
    let new = moved(&found, &second);
    pointer
        .replace(&grant.permit(), found.generation, &new)
        .await
        .unwrap();
    assert_eq!(platform.at("test/database", "AWSPENDING").await, None);
    let result = platform.rotate("next", DATABASE).await.result;
    assert_ne!(result["current"], orphan, "{result}");
    assert!(url(&platform).await.contains(&second.address));
}
