//! What is wrong with one container: why it waits, how it ended, what its probes say.

use super::status::ContainerStatus;
use super::{Seen, crash, probes, pull, start};
use crate::deploy::verdict::CauseCode;
use crate::deploy::verdict::event::EventView;
use crate::deploy::verdict::finding::{Patience, Suspicion};

/// Everything that is suspicious about a container.
pub fn of(seen: &Seen<'_>, status: &ContainerStatus<'_>) -> Vec<Suspicion> {
    let mut found: Vec<Suspicion> = Vec::new();
    found.extend(waiting(seen, status));
    let kills = probes::kills(seen, status);
    found.extend(crash::of(seen, status, kills.number));
    found.extend(kills.suspicions);
    found.extend(probes::never_ready(seen, status));
    found
}

fn waiting(seen: &Seen<'_>, status: &ContainerStatus<'_>) -> Option<Suspicion> {
    let (code, message) = match status.waiting_reason() {
        "InvalidImageName" => (CauseCode::ImageNameInvalid, words(status)),
        "ErrImageNeverPull" => (CauseCode::ImageNotFound, words(status)),
        "SignatureValidationFailed" => (CauseCode::ImageSignatureRefused, words(status)),
        "RegistryUnavailable" => (CauseCode::ImagePullTransient, words(status)),
        "ErrImagePull" | "ImagePullBackOff" | "ImageInspectError" => pulled(seen, status),
        "CreateContainerConfigError" => (start::of_config(status.waiting_message()), words(status)),
        "CreateContainerError"
        | "RunContainerError"
        | "PreCreateHookError"
        | "PreStartHookError" => (start::of_start(status.waiting_message()), words(status)),
        _ => return None,
    };
    Some(suspicion(seen, status, code, &message))
}

/// Fatal where the code is, unless the container waited so before the release began.
pub fn suspicion(
    seen: &Seen<'_>,
    status: &ContainerStatus<'_>,
    code: CauseCode,
    message: &str,
) -> Suspicion {
    use crate::deploy::verdict::CauseClass::{Fatal, Transient, WaitingForCapacity};

    let finding = seen.finding(code, message).at(status.name());
    let key = status.key();
    match code.cause().class {
        _ if seen.scene.baseline.waited_before(status) => {
            Suspicion::for_a_while(finding, Patience::UntilDeadline, &key)
        }
        Fatal => Suspicion::certain(finding, &key),
        Transient | WaitingForCapacity => {
            Suspicion::for_a_while(finding, Patience::For(seen.scene.budgets.grace), &key)
        }
    }
}

/// Kubelet says the cause while it waits to try again; before 1.32 it only said it in an event.
fn pulled(seen: &Seen<'_>, status: &ContainerStatus<'_>) -> (CauseCode, String) {
    let own = status.waiting_message();
    let of_pull = |event: &&EventView<'_>| {
        event.container() == Some(status.name())
            && event.reason == "Failed"
            && event.message.starts_with("Failed to pull image")
    };
    let message = match seen.events.iter().rev().find(of_pull) {
        Some(event) if !own.contains("rpc error") && !own.contains(": not found") => event.message,
        _ => own,
    };
    (pull::cause(message), message.to_owned())
}

fn words(status: &ContainerStatus<'_>) -> String {
    match status.waiting_message() {
        "" => status.waiting_reason().to_owned(),
        message => message.to_owned(),
    }
}
