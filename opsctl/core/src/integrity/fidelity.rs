//! Fidelity: whether the restored server behaves like the source. Pure.

use crate::evidence::Check;
use crate::ports::Settings;

/// Settings that a copy has otherwise on purpose, and why. Any other difference fails the drill.
pub(super) const INTENDED: &[(&str, &str)] = &[
    (
        "archive_cleanup_command",
        "a copy must never touch the source's archive",
    ),
    (
        "archive_command",
        "a copy must never write into the source's archive",
    ),
    (
        "archive_library",
        "a copy must never write into the source's archive",
    ),
    (
        "archive_mode",
        "a copy must never write into the source's archive",
    ),
    ("archive_timeout", "a copy does not archive"),
    ("autovacuum", "a copy is compared, not tidied"),
    ("cluster_name", "a copy is named apart"),
    ("config_file", "another folder"),
    ("data_directory", "another folder"),
    ("default_transaction_read_only", "a fence or quarantine"),
    ("external_pid_file", "another folder"),
    (
        "fsync",
        "a copy that is thrown away need not outlive the machine",
    ),
    (
        "full_page_writes",
        "a copy that is thrown away need not outlive the machine",
    ),
    ("hba_file", "quarantine"),
    ("hot_standby", "recovery"),
    ("ident_file", "quarantine"),
    ("in_hot_standby", "recovery"),
    (
        "journal_mode",
        "a copy that was never written to has no log yet",
    ),
    ("listen_addresses", "its own network place"),
    ("log_directory", "another folder"),
    ("log_filename", "another folder"),
    ("logging_collector", "another folder"),
    ("max_connections", "an administrator alone connects"),
    (
        "max_logical_replication_workers",
        "quarantine: no subscriptions",
    ),
    ("max_replication_slots", "quarantine: no slots"),
    ("max_wal_senders", "quarantine: no replicas"),
    ("max_worker_processes", "sized for a copy"),
    ("port", "its own network place"),
    ("primary_conninfo", "recovery"),
    ("primary_slot_name", "recovery"),
    ("promote_trigger_file", "recovery"),
    ("recovery_end_command", "recovery"),
    ("recovery_target", "recovery"),
    ("recovery_target_action", "recovery"),
    ("recovery_target_inclusive", "recovery"),
    ("recovery_target_lsn", "recovery"),
    ("recovery_target_name", "recovery"),
    ("recovery_target_time", "recovery"),
    ("recovery_target_timeline", "recovery"),
    ("recovery_target_xid", "recovery"),
    ("restore_command", "recovery"),
    ("shared_buffers", "sized for a copy"),
    ("shared_memory_size", "sized for a copy"),
    ("shared_memory_size_in_huge_pages", "sized for a copy"),
    (
        "synchronous_commit",
        "a copy that is thrown away need not outlive the machine",
    ),
    ("synchronous_standby_names", "a copy has no replicas"),
    ("unix_socket_directories", "its own network place"),
    ("unix_socket_permissions", "its own network place"),
    ("wal_buffers", "sized for a copy"),
];

/// The settings that differ without intention, in words; sorted by name.
#[must_use]
pub(super) fn compare(source: &Settings, copy: &Settings) -> Check {
    let names: std::collections::BTreeSet<&String> = source.keys().chain(copy.keys()).collect();
    let unset = |settings: &Settings, name: &str| {
        settings
            .get(name)
            .map_or_else(|| "(none)".to_owned(), |value| format!("'{value}'"))
    };
    let differences = names
        .into_iter()
        .filter(|name| source.get(*name) != copy.get(*name) && !is_intended(name))
        .map(|name| {
            format!(
                "{name}: source {}, restored {}",
                unset(source, name),
                unset(copy, name)
            )
        })
        .collect();
    Check { differences }
}

fn is_intended(name: &str) -> bool {
    let plain = name.strip_prefix("setting ").unwrap_or(name);
    INTENDED.iter().any(|(intended, _)| *intended == plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    }

    #[test]
    fn a_setting_that_nobody_meant_to_change_is_a_difference() {
        let source = settings(&[("setting timezone", "UTC"), ("setting port", "1")]);
        let copy = settings(&[
            ("setting timezone", "CET"),
            ("setting port", "2"),
            ("role x", "login"),
        ]);
        assert_eq!(
            compare(&source, &copy).differences,
            [
                "role x: source (none), restored 'login'",
                "setting timezone: source 'UTC', restored 'CET'",
            ]
        );
    }

    #[test]
    fn every_intended_difference_has_a_reason_and_stands_once() {
        let names: std::collections::BTreeSet<_> = INTENDED.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), INTENDED.len());
        assert!(INTENDED.iter().all(|(_, why)| !why.is_empty()));
    }
}
