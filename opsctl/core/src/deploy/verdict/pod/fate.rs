//! What happens to a pod as a whole: put out, refused or lost by its node; held back by its readiness gates.

use super::Seen;
use super::status::statuses;
use crate::deploy::verdict::CauseCode;
use crate::deploy::verdict::finding::{Patience, Suspicion};

/// What its node did to it. The controller makes another pod, so that it only counts when nothing else comes of it.
pub fn of_the_pod(seen: &Seen<'_>) -> Option<Suspicion> {
    let reason = seen.pod.text("/status/reason");
    let failed = seen.pod.text("/status/phase") == "Failed";
    let code = match reason {
        "Evicted" => CauseCode::Evicted,
        "NodeLost" => CauseCode::NodeLost,
        "NodeAffinity"
        | "NodeShutdown"
        | "Shutdown"
        | "Terminated"
        | "UnexpectedAdmissionError"
        | "Preempting"
        | "TopologyAffinityError" => CauseCode::NodeRefused,
        _ if failed && reason.starts_with("OutOf") => CauseCode::NodeRefused,
        _ => return None,
    };
    let message = match seen.pod.text("/status/message") {
        "" => reason,
        message => message,
    };
    let finding = seen.finding(code, message);
    Some(Suspicion::for_a_while(
        finding,
        Patience::UntilDeadline,
        seen.pod.uid(),
    ))
}

/// Readiness gates that are not open although every container is ready.
pub fn closed_gates(seen: &Seen<'_>) -> Option<Suspicion> {
    let gates = seen.pod.items("/spec/readinessGates");
    let statuses = statuses(seen.pod);
    let mut lasting = statuses.iter().filter(|status| !status.passing);
    if gates.is_empty() || statuses.is_empty() || !lasting.all(|status| status.ready()) {
        return None;
    }
    let conditions = seen.pod.items("/status/conditions");
    let open = |gate: &str| {
        let mut found = conditions.iter().filter(|it| it["type"] == gate);
        found.any(|it| it["status"] == "True")
    };
    let mut names = gates
        .iter()
        .filter_map(|gate| gate["conditionType"].as_str());
    let closed = names.find(|gate| !open(gate))?;
    let told = conditions.iter().find(|it| it["type"] == closed);
    let words = told
        .and_then(|it| it["message"].as_str())
        .unwrap_or("nobody has opened it yet");
    let finding = seen.finding(CauseCode::ReadinessGateClosed, format!("{closed}: {words}"));
    let suspicion = Suspicion::for_a_while(finding, Patience::UntilDeadline, seen.pod.uid());
    Some(suspicion.ordinary())
}
