//! Images that can't be had, settings that are not there, commands that can't be run.

use super::world::{end, pending, restarted, waiting, world};
use crate::deploy::verdict::CauseClass::{Fatal, Transient};
use crate::deploy::verdict::CauseCode;

const PULL: &str = "failed to pull and unpack image \"reg.example/shop/app:v2\": failed to resolve reference \"reg.example/shop/app:v2\": ";
const RUNC: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";

fn back_off(code: &str, words: &str) -> String {
    format!(
        "Back-off pulling image \"reg.example/shop/app:v2\": ErrImagePull: rpc error: code = {code} desc = {PULL}{words}"
    )
}

#[track_caller]
fn fatal(reason: &str, message: &str, code: CauseCode) {
    let mut world = world();
    world.pod(pending(waiting(reason, message)));
    let finding = world.failed(1);
    assert_eq!((finding.code, finding.class), (code, Fatal), "{message}");
    assert_eq!(finding.object.name, "api-new-1");
    assert_eq!(finding.container.as_deref(), Some("api"));
    assert_eq!(finding.message, message);
    assert!(!finding.hint.contains('{'), "{}", finding.hint);
}

#[test]
fn an_image_that_can_not_be_had_is_named_by_the_words_of_its_registry() {
    let missing = "reg.example/shop/app:v2: not found";
    let private =
        "failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized";
    let denied = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed";
    let processor = "no match for platform in manifest: not found";
    for (status, words, code) in [
        ("NotFound", missing, CauseCode::ImageNotFound),
        ("Unknown", private, CauseCode::ImagePullUnauthorised),
        ("Unknown", denied, CauseCode::ImagePullUnauthorised),
        ("NotFound", processor, CauseCode::WrongArchitecture),
    ] {
        let again = back_off(status, words);
        fatal("ImagePullBackOff", &again, code);
        fatal(
            "ErrImagePull",
            again.split_once("ErrImagePull: ").unwrap().1,
            code,
        );
    }
}

#[test]
fn an_image_that_is_not_even_asked_for_is_named() {
    let name = "Failed to apply default image tag \"reg.example/shop/App:v2\": couldn't parse image name \"reg.example/shop/App:v2\": invalid reference format: repository name must be lowercase";
    fatal("InvalidImageName", name, CauseCode::ImageNameInvalid);
    let never =
        "Container image \"reg.example/shop/app:v2\" is not present with pull policy of Never";
    fatal("ErrImageNeverPull", never, CauseCode::ImageNotFound);
}

#[test]
fn what_the_manifest_gets_wrong_about_a_container_is_named() {
    const CONFIG: &str = "CreateContainerConfigError";
    let key = "couldn't find key GREETING in ConfigMap shop/app";
    fatal(CONFIG, key, CauseCode::ConfigReferenceMissing);
    let map = "configmap \"app\" not found";
    fatal(CONFIG, map, CauseCode::ConfigReferenceMissing);
    let root = "container has runAsNonRoot and image will run as root (pod: \"api-new-1_shop(ab)\", container: api)";
    fatal(CONFIG, root, CauseCode::NonRootRefused);
    let command =
        format!("{RUNC}exec: \"/app/nope\": stat /app/nope: no such file or directory: unknown");
    fatal("RunContainerError", &command, CauseCode::CommandNotFound);
    let none =
        "failed to generate container \"ab\" spec: failed to generate spec: no command specified";
    fatal("CreateContainerError", none, CauseCode::CommandNotFound);
}

#[test]
fn what_cures_itself_fails_only_after_its_grace() {
    let busy = back_off(
        "Unknown",
        "unexpected status code [manifests v2]: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit",
    );
    let down = back_off(
        "Unavailable",
        "failed to do request: Head \"https://reg.example/v2/shop/app/manifests/v2\": dial tcp 10.0.0.1:443: i/o timeout",
    );
    let cache = "failed to sync configmap cache: timed out waiting for the condition";
    for (reason, message, code) in [
        ("ImagePullBackOff", &*busy, CauseCode::ImagePullTransient),
        ("ErrImagePull", &*down, CauseCode::ImagePullTransient),
        (
            "RegistryUnavailable",
            "image pull failed for reg.example/shop/app:v2 because the registry is unavailable",
            CauseCode::ImagePullTransient,
        ),
        (
            "CreateContainerConfigError",
            cache,
            CauseCode::ContainerStartFailed,
        ),
        (
            "CreateContainerError",
            "context deadline exceeded",
            CauseCode::ContainerStartFailed,
        ),
    ] {
        let mut world = world();
        world.pod(pending(waiting(reason, message)));
        let judgement = world.waits(1);
        assert_eq!(
            (judgement.findings[0].code, judgement.findings[0].class),
            (code, Transient)
        );
        assert_eq!(judgement.again.unwrap().as_secs(), 60);
        world.waits(60);
        assert_eq!(world.failed(61).code, code);
    }
}

#[test]
fn an_older_kubelet_tells_the_cause_only_in_its_event() {
    let mut world = world();
    world.pod(pending(waiting(
        "ImagePullBackOff",
        "Back-off pulling image \"reg.example/shop/app:v2\"",
    )));
    assert_eq!(
        world.waits(1).findings[0].code,
        CauseCode::ImagePullTransient
    );
    let words = format!(
        "Failed to pull image \"reg.example/shop/app:v2\": rpc error: code = NotFound desc = {PULL}reg.example/shop/app:v2: not found"
    );
    world.event("api-new-1/api", "Failed", &words);
    world.event("api-new-1/api", "Failed", "Error: ErrImagePull");
    let finding = world.failed(2);
    assert_eq!(finding.code, CauseCode::ImageNotFound);
    assert!(finding.message.contains("code = NotFound"));
}

#[test]
fn a_bad_command_is_named_at_its_first_end() {
    let start_error = format!("{RUNC}exec: \"nope\": executable file not found in $PATH: unknown");
    for end in [
        end(128, "StartError", 0, &start_error),
        end(127, "Error", 0, "sh: 1: nope: not found"),
        end(126, "Error", 0, ""),
    ] {
        let mut world = world();
        world.pod(restarted(0, end, serde_json::json!({})));
        let finding = world.failed(1);
        assert_eq!(
            (finding.code, finding.class),
            (CauseCode::CommandNotFound, Fatal)
        );
        assert!(
            finding.message.starts_with("exit code 12"),
            "{}",
            finding.message
        );
    }
}

#[test]
fn a_runtime_in_trouble_is_not_a_bad_command() {
    let words =
        format!("{RUNC}unable to apply cgroup configuration: device or resource busy: unknown");
    let mut world = world();
    world.pod(restarted(
        3,
        waiting("CrashLoopBackOff", "back-off"),
        end(128, "StartError", 0, &words),
    ));
    assert_eq!(
        world.waits(1).findings[0].code,
        CauseCode::ContainerStartFailed
    );
    assert_eq!(world.failed(61).code, CauseCode::ContainerStartFailed);
}

#[test]
fn a_missing_key_of_a_mounted_config_map_is_named_by_the_mount() {
    let mut world = world();
    world.pod(pending(waiting("ContainerCreating", "")));
    world.event("api-new-1", "FailedMount", "Unable to attach or mount volumes: unmounted volumes=[config], unattached volumes=[], failed to process volumes=[]: timed out waiting for the condition");
    assert_eq!(
        world.waits(1).findings[0].code,
        CauseCode::VolumeMountFailed
    );
    world.event("api-new-1", "FailedMount", "MountVolume.SetUp failed for volume \"config\" : references non-existent config key: app.yaml");
    world.event("api-new-1", "FailedMount", "Unable to attach or mount volumes: unmounted volumes=[config], unattached volumes=[], failed to process volumes=[]: timed out waiting for the condition");
    let finding = world.failed(2);
    assert_eq!(finding.code, CauseCode::ConfigReferenceMissing);
    assert!(finding.message.contains("app.yaml"));
}

#[test]
fn a_mount_that_failed_once_and_then_came_about_is_forgotten() {
    let mut world = world();
    world.pod(pending(waiting("ContainerCreating", "")));
    world.event(
        "api-new-1",
        "FailedMount",
        "MountVolume.SetUp failed for volume \"config\" : configmap \"app\" not found",
    );
    world.event(
        "api-new-1/api",
        "Pulling",
        "Pulling image \"reg.example/shop/app:v2\"",
    );
    assert!(world.waits(1).findings.is_empty());
}
