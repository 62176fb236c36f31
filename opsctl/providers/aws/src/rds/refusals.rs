//! What RDS refused, with what helps: by the codes of the wire.

use std::error::Error;

use aws_sdk_rds::error::{ProvideErrorMetadata, SdkError};
use opsctl_core::{Failure, FailureKind};

use crate::trouble;

pub(super) use crate::trouble::is;

/// Whether it goes through a moment later: a state that passes, or too many questions at once.
pub(super) fn passes<E, R>(error: &SdkError<E, R>) -> bool
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    const PASSING: [&str; 8] = [
        "InvalidDBInstanceState",
        "InvalidDBInstanceStateFault",
        "InvalidDBSnapshotState",
        "Throttling",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalFailure",
        "ServiceUnavailable",
    ];
    error.code().is_some_and(|code| PASSING.contains(&code))
}

/// The failure, with its cure where there is one.
pub(super) fn of<E, R>(what: impl Into<String>, error: &SdkError<E, R>) -> Failure
where
    SdkError<E, R>: ProvideErrorMetadata,
    E: Error + 'static,
    R: std::fmt::Debug,
{
    let failure = trouble::of(what, error);
    let message = error.message().unwrap_or_default();
    match error.code().and_then(|code| cure(code, message)) {
        Some((kind, hint)) => failure.with_kind(kind).hint(hint),
        None => failure,
    }
}

fn cure(code: &str, message: &str) -> Option<(FailureKind, &'static str)> {
    let failed = |hint| Some((FailureKind::Failed, hint));
    let refused = |hint| Some((FailureKind::Refused, hint));
    match code {
        // One code for two limits: only the words tell them apart.
        "SnapshotQuotaExceeded" if of_copies(message) => {
            failed("wait until a copy under way is done: opsctl backup list")
        }
        "SnapshotQuotaExceeded" => {
            failed("make room: opsctl backup prune, or ask AWS for a higher quota")
        }
        "InstanceQuotaExceeded" => {
            failed("end what is not needed: opsctl restore list, opsctl restore discard")
        }
        "StorageQuotaExceeded" => failed("ask AWS for a higher quota of storage"),
        "KMSKeyNotAccessibleFault" => {
            failed("let the key be used again: aws kms describe-key, aws kms enable-key")
        }
        "DBSubnetGroupNotFoundFault" | "DBParameterGroupNotFound" => {
            refused("see database.restore_with in opsctl.yaml")
        }
        "PointInTimeRestoreNotEnabled" => {
            refused("set the instance's backup retention above 0: see infra/terraform")
        }
        "InvalidRestoreFault" => refused("opsctl backup list shows the restore window"),
        "InsufficientDBInstanceCapacity" => {
            failed("choose another class: database.restore_with.drill_class in opsctl.yaml")
        }
        _ => None,
    }
}

/// Whether the words are about copies under way.
pub(super) fn of_copies(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["in progress", "in-progress", "in flight", "copies", "copy"]
        .iter()
        .any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_means_two_quotas_and_the_words_tell_them_apart() {
        let manual = "Cannot create more than 100 manual snapshots";
        let copies = "Cannot have more than 20 snapshot copies in progress";
        let hint = |message| cure("SnapshotQuotaExceeded", message).map(|(_, hint)| hint);
        assert!(hint(manual).unwrap().contains("backup prune"));
        assert!(hint(copies).unwrap().contains("wait"));
    }
}
