//! A pod that has its node but no start yet: a volume that can't be mounted, a sandbox that can't be made.

use super::Seen;
use crate::deploy::verdict::CauseCode;
use crate::deploy::verdict::finding::{Patience, Suspicion};

/// Events after which volumes and sandbox are there.
const PAST: [&str; 5] = ["Pulling", "Pulled", "Created", "Started", "BackOff"];
/// Events of a volume that is not.
const VOLUMES: [&str; 3] = ["FailedMount", "FailedAttachVolume", "FailedMapVolume"];

/// Why the pod does not start.
pub fn of(seen: &Seen<'_>) -> Option<Suspicion> {
    let pending = seen.pod.text("/status/phase") == "Pending";
    if !pending || seen.newest(&PAST, None).is_some() {
        return None;
    }
    let uid = seen.pod.uid();
    let grace = Patience::For(seen.scene.budgets.grace);
    if let Some(event) = most_telling(seen) {
        return Some(if is_missing(event) {
            Suspicion::certain(seen.finding(CauseCode::ConfigReferenceMissing, event), uid)
        } else {
            let finding = seen.finding(CauseCode::VolumeMountFailed, event);
            Suspicion::for_a_while(finding, grace, uid)
        });
    }
    let event = seen.newest(&["FailedCreatePodSandBox", "NetworkNotReady"], None)?;
    let finding = seen.finding(CauseCode::SandboxFailed, event.message);
    Some(Suspicion::for_a_while(finding, grace, uid))
}

/// "Unable to attach or mount volumes" only sums up what another event says better.
fn most_telling<'a>(seen: &Seen<'a>) -> Option<&'a str> {
    let about = seen.events.iter().rev();
    let mut words = about
        .filter(|event| VOLUMES.contains(&event.reason))
        .map(|event| event.message);
    let newest = words.next()?;
    if newest.starts_with("Unable to attach or mount") {
        words
            .find(|word| !word.starts_with("Unable to attach or mount"))
            .or(Some(newest))
    } else {
        Some(newest)
    }
}

fn is_missing(message: &str) -> bool {
    let source = message.contains("configmap \"") || message.contains("secret \"");
    (source && message.contains("not found"))
        || message.contains("non-existent config key")
        || message.contains("non-existent secret key")
}
