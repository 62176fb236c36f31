//! Pods that a controller could not even make: quota, Pod Security, an admission webhook, a missing account.

use super::board::ends;
use super::cause::CauseCode;
use super::finding::{Finding, Patience, Suspicion};
use super::pod::Scene;
use crate::workloads::Object;

/// Why the controller of these pods could not make them. `short` says that pods are missing now: an old event alone proves
/// nothing.
pub fn of(scene: Scene<'_>, maker: &Object, short: bool) -> Option<Suspicion> {
    let message = condition(scene, maker).or_else(|| {
        let events = scene.board.events_about(maker);
        let mut new = events
            .iter()
            .rev()
            .filter(|event| event.reason == "FailedCreate" && scene.baseline.new_count(event) > 0);
        new.next().filter(|_| short).map(|event| event.message)
    })?;
    let code = cause(message);
    let finding = Finding::new(code, &maker.reference(), words(message));
    let grace = Patience::For(scene.budgets.grace);
    let fatal = code.cause().class == super::CauseClass::Fatal;
    if fatal && !(code == CauseCode::QuotaExceeded && room_comes(scene, maker)) {
        Some(Suspicion::certain(finding, maker.uid()))
    } else {
        Some(Suspicion::for_a_while(finding, grace, maker.uid()))
    }
}

fn condition<'a>(scene: Scene<'_>, maker: &'a Object) -> Option<&'a str> {
    let conditions = maker.items("/status/conditions").iter();
    let mut failures = conditions.filter(|it| {
        (it["type"] == "ReplicaFailure" && it["status"] == "True" && it["reason"] == "FailedCreate")
            || it["reason"] == "ReplicaSetCreateError"
    });
    let failure = failures.find(|it| !scene.baseline.knows(maker, it))?;
    failure["message"].as_str()
}

/// Pods on their way out still count against a quota: their room comes back by itself.
fn room_comes(scene: Scene<'_>, maker: &Object) -> bool {
    let namespace = maker.text("/metadata/namespace");
    let mut pods = scene.board.of_kind("Pod");
    pods.any(|pod| ends(pod) && pod.text("/metadata/namespace") == namespace)
}

/// The code of the API server's words.
fn cause(message: &str) -> CauseCode {
    const WORDS: [(CauseCode, &[&str]); 8] = [
        (
            CauseCode::AdmissionUnreachable,
            &["failed calling webhook", "failed to call webhook"],
        ),
        (
            CauseCode::QuotaExceeded,
            &["exceeded quota", "failed quota", "insufficient quota"],
        ),
        (
            CauseCode::PodSecurityRefused,
            &[
                "violates PodSecurity",
                "unable to validate against any security context",
            ],
        ),
        (
            CauseCode::AdmissionRefused,
            &["admission webhook", "ValidatingAdmissionPolicy"],
        ),
        (
            CauseCode::ConfigReferenceMissing,
            &[
                "error looking up service account",
                "no PriorityClass",
                "RuntimeClass",
            ],
        ),
        (
            CauseCode::LimitRangeRefused,
            &[
                " usage per Container is ",
                " usage per Pod is ",
                "limit to request ratio",
            ],
        ),
        (CauseCode::ManifestInvalid, &[" is invalid: "]),
        (CauseCode::AdmissionRefused, &[" is forbidden"]),
    ];
    let mut known = WORDS.iter();
    let fitting = known.find(|(_, words)| words.iter().any(|word| message.contains(word)));
    fitting.map_or(CauseCode::PodCreateFailed, |(code, _)| *code)
}

fn words(message: &str) -> &str {
    message.strip_prefix("Error creating: ").unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_server_tell_who_said_no() {
        for (message, code) in [
            (
                "pods \"api-1\" is forbidden: exceeded quota: team, requested: limits.memory=1Gi, used: limits.memory=4Gi, limited: limits.memory=4Gi",
                CauseCode::QuotaExceeded,
            ),
            (
                "pods \"api-1\" is forbidden: failed quota: team: must specify limits.cpu for: api",
                CauseCode::QuotaExceeded,
            ),
            (
                "pods \"api-1\" is forbidden: violates PodSecurity \"restricted:latest\": privileged (container \"api\" must not set securityContext.privileged=true)",
                CauseCode::PodSecurityRefused,
            ),
            (
                "admission webhook \"images.example\" denied the request: only signed images",
                CauseCode::AdmissionRefused,
            ),
            (
                "pods \"api-1\" is forbidden: ValidatingAdmissionPolicy 'tags' with binding 'tags' denied request: no latest",
                CauseCode::AdmissionRefused,
            ),
            (
                "Internal error occurred: failed calling webhook \"images.example\": failed to call webhook: Post \"https://images.shop.svc:443/?timeout=10s\": dial tcp 10.96.1.1:443: connect: connection refused",
                CauseCode::AdmissionUnreachable,
            ),
            (
                "pods \"api-1\" is forbidden: error looking up service account shop/api: serviceaccount \"api\" not found",
                CauseCode::ConfigReferenceMissing,
            ),
            (
                "pods \"api-1\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi",
                CauseCode::LimitRangeRefused,
            ),
            (
                "Pod \"api-1\" is invalid: spec.containers[0].image: Required value",
                CauseCode::ManifestInvalid,
            ),
            (
                "pods \"api-1\" is forbidden: User \"x\" may not",
                CauseCode::AdmissionRefused,
            ),
            ("etcdserver: request timed out", CauseCode::PodCreateFailed),
        ] {
            assert_eq!(cause(message), code, "{message}");
        }
    }
}
