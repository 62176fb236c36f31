//! Who we are to a registry: nobody, somebody, somebody with a token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opsctl_core::ports::{Registry as _, RegistryError};
use opsctl_core::{Failure, FailureKind};
use opsctl_registry::{DockerConfig, RegistryClient};
use testkit::registry::{Front, Registry};

use crate::stage::{by_tag, client, image, open_registry, push, repository};

fn known(host: &str, password: &str) -> RegistryClient {
    let pair = STANDARD.encode(format!("{}:{password}", Registry::USER));
    let text = format!("{{\"auths\":{{\"{host}\":{{\"auth\":\"{pair}\"}}}}}}");
    RegistryClient::new(move || DockerConfig::parse(&text))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_known_comes_in_and_nobody_else() {
    let registry = Registry::start_guarded().unwrap();
    let into = repository(&registry.host(), "app");
    let image = image(1000, 1);
    let ours = known(&registry.host(), Registry::PASSWORD);
    push(&ours, &image, &into, "v1.0.0").await.unwrap();
    assert!(ours.find(&into, &by_tag("v1.0.0")).await.unwrap().is_some());
    for stranger in [client(), known(&registry.host(), "hunter2")] {
        let error = stranger.tags(&into).await.unwrap_err();
        assert!(
            matches!(error, RegistryError::Unauthorised { .. }),
            "{error}"
        );
        assert!(!error.is_transient());
        let failure = Failure::from(error);
        assert_eq!(failure.kind, FailureKind::Authentication);
        assert_eq!(failure.kind.exit_code(), 8);
        assert!(failure.hints[0].contains("docker login"), "{failure}");
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_asked_for_once_and_shown_from_then_on() {
    let registry = open_registry();
    let front = Front::before(&registry.host()).await.unwrap();
    front.want_tokens();
    let into = repository(&front.host(), "app");
    let ours = known(&front.host(), Registry::PASSWORD);
    push(&ours, &image(1000, 1), &into, "v1.0.0").await.unwrap();
    // One to read, one to write.
    assert_eq!(front.count("GET", "/token"), 2);
    assert_eq!(
        front.count("GET", "scope=repository%3Aapp%3Apull,push"),
        1,
        "{:?}",
        front.heard()
    );
    let error = client().tags(&into).await.unwrap_err();
    assert!(
        matches!(error, RegistryError::Unauthorised { .. }),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_configuration_is_told_of_when_it_is_needed_and_not_before() {
    let broken = || RegistryClient::new(|| Err(Failure::usage("config.json is wrong")));
    let open = open_registry();
    let into = repository(&open.host(), "app");
    assert!(broken().tags(&into).await.unwrap().is_empty());
    let guarded = Registry::start_guarded().unwrap();
    let into = repository(&guarded.host(), "app");
    let error = broken().tags(&into).await.unwrap_err();
    assert!(
        error.to_string().contains("config.json is wrong"),
        "{error}"
    );
}
