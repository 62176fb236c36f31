//! The states of an instance, and which of them lead nowhere. AWS's own waiters know half of those and burn their whole time.

use opsctl_core::{Failure, FailureKind};

/// What a state means for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It answers, or will without being waited for.
    Usable,
    /// It is on its way.
    Underway,
    /// It is being deleted: AWS finishes that by itself, and it is not paid for any more.
    Going,
    /// Only deletion gets it out.
    DeadEnd,
}

/// What AWS's word means.
pub(super) fn standing(status: &str) -> Standing {
    match status {
        "available" | "backing-up" | "storage-optimization" => Standing::Usable,
        "deleting" | "deleted" | "deleting-automated-backups" => Standing::Going,
        "failed"
        | "incompatible-create"
        | "incompatible-network"
        | "incompatible-option-group"
        | "incompatible-parameters"
        | "incompatible-restore"
        | "inaccessible-encryption-credentials"
        | "insufficient-capacity"
        | "restore-error"
        | "storage-full" => Standing::DeadEnd,
        _ => Standing::Underway,
    }
}

/// What cures a state that leads nowhere.
fn cure(status: &str) -> &'static str {
    match status {
        "incompatible-network" => {
            "check the subnet group and its free addresses: aws rds describe-db-subnet-groups"
        }
        "incompatible-option-group" | "incompatible-parameters" => {
            "the groups don't fit the engine: see database.restore_with in opsctl.yaml"
        }
        "inaccessible-encryption-credentials" => {
            "let the key be used again: aws kms describe-key, aws kms enable-key"
        }
        "insufficient-capacity" => {
            "choose another class: database.restore_with.drill_class in opsctl.yaml"
        }
        "storage-full" => "give it more storage: aws rds modify-db-instance --allocated-storage",
        _ => "ask what AWS says of it: aws rds describe-events --source-type db-instance",
    }
}

/// An instance came to a dead end.
pub(super) fn dead_end(name: &str, status: &str) -> Failure {
    Failure::new(
        FailureKind::Failed,
        format!("instance '{name}' ended as {status}"),
    )
    .cause(format!(
        "RDS reports DBInstanceStatus {status}: it never becomes available"
    ))
    .hint(cure(status))
    .runbook("runbooks/restore.md")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_that_aws_calls_terminal_is_a_dead_end_with_a_cure() {
        for status in [
            "failed",
            "incompatible-restore",
            "incompatible-parameters",
            "incompatible-network",
            "restore-error",
            "inaccessible-encryption-credentials",
        ] {
            assert_eq!(standing(status), Standing::DeadEnd, "{status}");
            let failure = dead_end("orders", status);
            assert!(failure.to_string().contains(status) && !failure.hints.is_empty());
        }
    }

    #[test]
    fn what_serves_while_it_is_looked_after_is_usable() {
        for status in ["available", "backing-up", "storage-optimization"] {
            assert_eq!(standing(status), Standing::Usable, "{status}");
        }
        assert_eq!(standing("creating"), Standing::Underway);
        assert_eq!(standing("deleting"), Standing::Going);
    }
}
