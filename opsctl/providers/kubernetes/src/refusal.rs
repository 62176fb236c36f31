//! Why the API server did not take an object, by what it answered.

use opsctl_core::ports::{Refusal, RefusalReason};
use opsctl_core::workloads::Object;

use crate::status::Status;
use crate::words;

/// What the API server calls fields that can't be changed in place, beside "field is immutable".
const IMMUTABLE: [&str; 6] = [
    "immutable",
    "may not change once set",
    "updates to statefulset spec for fields other than",
    "pod updates may not change fields other than",
    "may not be changed",
    "cannot be changed",
];

/// The refusal that an answer is; `None` when it is none of that object, but a failure of the whole question.
pub fn of(object: &Object, status: &Status) -> Option<Refusal> {
    Some(Refusal {
        object: object.reference(),
        reason: reason(status)?,
        message: words::about(object, &status.message()),
    })
}

/// One that we know without asking.
pub fn known(object: &Object, reason: RefusalReason, message: &str) -> Refusal {
    Refusal {
        object: object.reference(),
        reason,
        message: message.to_owned(),
    }
}

fn reason(status: &Status) -> Option<RefusalReason> {
    // A webhook chooses the code of its no.
    if by_admission(status) {
        return Some(RefusalReason::Admission);
    }
    let reason = match status.code {
        400 | 405 | 413 => RefusalReason::Invalid,
        422 if IMMUTABLE.iter().any(|words| status.says(words)) => RefusalReason::Immutable,
        422 => RefusalReason::Invalid,
        403 => forbidden(status),
        404 if status.about() == "namespaces" || status.says("namespaces \"") => {
            RefusalReason::Namespace
        }
        404 if status.about().is_empty()
            || status.says("could not find the requested resource") =>
        {
            RefusalReason::UnknownKind
        }
        // Only a precondition needs an object that is there.
        404 | 409 => RefusalReason::Conflict,
        500 if status.blames_the_object() => RefusalReason::Invalid,
        _ => return None,
    };
    Some(reason)
}

fn by_admission(status: &Status) -> bool {
    (status.says("admission webhook \"") && status.says("denied the request"))
        || status.says("does not support dry run")
        || status.says("failed calling webhook")
        || (status.says("ValidatingAdmissionPolicy") && status.says("denied request"))
}

/// All of admission says no with the code of missing rights.
fn forbidden(status: &Status) -> RefusalReason {
    let quota = ["exceeded quota", "failed quota", "insufficient quota"];
    if quota.iter().any(|words| status.says(words)) {
        RefusalReason::Quota
    } else if status.says("violates PodSecurity") {
        RefusalReason::PodSecurity
    } else if status.has_cause("NamespaceTerminating") || status.says("is being terminated") {
        RefusalReason::Namespace
    } else if (status.says("User \"") && status.says("cannot"))
        || status.says("attempting to grant RBAC permissions")
    {
        RefusalReason::Forbidden
    } else {
        RefusalReason::Admission
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_message(code: u16, message: &str) -> Option<RefusalReason> {
        reason(&Status {
            code,
            message: Some(message.to_owned()),
            ..Status::default()
        })
    }

    #[test]
    fn what_no_object_is_to_blame_for_is_no_refusal() {
        for code in [401, 429, 500, 503, 504] {
            assert_eq!(of_message(code, "no"), None);
        }
    }

    #[test]
    fn every_kind_of_no_has_its_class() {
        use RefusalReason::{Admission, Forbidden, Immutable, Invalid, Quota};
        for (code, message, expected) in [
            (
                403,
                "pods \"a\" is forbidden: exceeded quota: q, requested: pods=1",
                Quota,
            ),
            (
                403,
                "pods \"a\" is forbidden: failed quota: q: must specify cpu",
                Quota,
            ),
            (
                403,
                "pods \"a\" is forbidden: maximum cpu usage per Container is 1",
                Admission,
            ),
            (
                403,
                "x is forbidden: User \"u\" cannot patch resource \"x\"",
                Forbidden,
            ),
            (
                422,
                "StatefulSet.apps \"a\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas'",
                Immutable,
            ),
            (
                422,
                "Service \"a\" is invalid: spec.clusterIPs[0]: Invalid value: []: may not change once set",
                Immutable,
            ),
            (
                422,
                "Deployment.apps \"a\" is invalid: spec.replicas: must be greater than or equal to 0",
                Invalid,
            ),
            (
                422,
                "x is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
                Admission,
            ),
            (
                400,
                "admission webhook \"w\" denied the request: no",
                Admission,
            ),
            (
                500,
                "failed to convert new object (a/b; v1, Kind=Secret) to proper version",
                Invalid,
            ),
            (
                500,
                "Internal error occurred: failed calling webhook \"w\": refused",
                Admission,
            ),
        ] {
            assert_eq!(of_message(code, message), Some(expected), "{message}");
        }
    }
}
