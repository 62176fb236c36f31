//! What a pod that looks well still has to be watched for: ends of its containers, and a liveness probe that says no.

use std::time::Duration;

use super::probes::patience_of;
use super::status::ContainerStatus;
use super::{Owner, Scene, Seen, statuses};
use crate::deploy::verdict::board::ends;
use crate::workloads::Object;

/// As far as moments of the cluster are compared: its clocks tell whole seconds.
const TO_THE_SECOND: usize = "2026-11-27T09:00:00".len();

/// A mark that changes with every new sign, and how long none may come before the pod is believed.
#[must_use]
pub fn signs(scene: Scene<'_>, pod: &Object) -> (String, Duration) {
    if ends(pod) {
        return (String::new(), Duration::ZERO);
    }
    let seen = Seen::new(scene, pod, Owner::Lasting);
    let mut mark = pod.uid().to_owned();
    let mut longest = Duration::ZERO;
    for status in statuses(pod) {
        let refusals = refusals(&seen, &status);
        if refusals > 0 {
            longest = longest.max(patience_of(&status.spec()["livenessProbe"]));
        }
        mark += &format!("/{}+{refusals}", scene.baseline.new_ends(&status));
    }
    (mark, longest)
}

/// How often the liveness probe said no, unless the pod became ready after that.
fn refusals(seen: &Seen<'_>, status: &ContainerStatus<'_>) -> i64 {
    let event = seen.events.iter().rev().find(|event| {
        event.reason == "Unhealthy"
            && event.container() == Some(status.name())
            && event.message.contains("Liveness probe")
    });
    let Some(event) = event.filter(|_| status.runs()) else {
        return 0;
    };
    let moment = |text: &str| text.get(..TO_THE_SECOND).unwrap_or_default().to_owned();
    let recovered = ready_since(seen.pod).is_some_and(|ready| moment(event.last) < moment(ready));
    if recovered {
        return 0;
    }
    seen.scene.baseline.new_count(event)
}

fn ready_since(pod: &Object) -> Option<&str> {
    let mut conditions = pod.items("/status/conditions").iter();
    let ready = conditions.find(|it| it["type"] == "Ready" && it["status"] == "True")?;
    ready["lastTransitionTime"].as_str()
}
