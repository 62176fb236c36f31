//! The settings that opsctl owns in a cluster: `opsctl.conf` and `pg_hba.conf`.
//!
//! Written anew at every start. All other settings belong to whoever edits `postgresql.conf`.

use std::{fs, path::Path, time::Duration};

use opsctl_core::{Result, ports::Isolation};

use super::{
    account::Account,
    durable::{self, At},
    layout::{ADMINISTRATOR, ClusterFolder, QUARANTINED_PORT},
    record::{ClusterRecord, CopyRecord, RecoveryStop},
};

/// The name of opsctl's own settings inside the data folder.
const FILE: &str = "opsctl.conf";

/// Settings in which a quarantined copy differs from its source, on purpose.
pub const QUARANTINE_SETTINGS: &[&str] = &[
    "archive_command",
    "archive_mode",
    "archive_timeout",
    "autovacuum",
    "cron.launch_active_jobs",
    "fsync",
    "full_page_writes",
    "hot_standby",
    "listen_addresses",
    "max_logical_replication_workers",
    "port",
    "recovery_target",
    "recovery_target_action",
    "recovery_target_inclusive",
    "recovery_target_lsn",
    "recovery_target_name",
    "recovery_target_time",
    "recovery_target_timeline",
    "recovery_target_xid",
    "restore_command",
    "synchronous_commit",
    "unix_socket_directories",
    "unix_socket_permissions",
    "wal_receiver_create_temp_slot",
];

/// Settings that would lead a copy back to where it came from, wherever they stand.
const DANGEROUS: &[&str] = &[
    "archive_cleanup_command",
    "archive_library",
    "primary_conninfo",
    "primary_slot_name",
    "recovery_end_command",
    "synchronous_standby_names",
];

/// How a serving cluster keeps its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archiving {
    /// The program that archives one segment, with its first arguments; the archive's folder and the
    /// segment's path are added.
    pub program: Vec<String>,
    /// A quiet database archives at least this often.
    pub timeout: Duration,
}

impl Archiving {
    fn command(&self, archive: &Path) -> String {
        let archive = archive.to_string_lossy();
        let words = self.program.iter().map(String::as_str).chain([&*archive]);
        let mut line: Vec<String> = words.map(shell_word).collect();
        line.push("\"%p\"".into());
        line.join(" ")
    }
}

/// Writes what belongs to the cluster's isolation.
pub(crate) fn write(
    account: &Account,
    folder: &ClusterFolder,
    record: &ClusterRecord,
    serving: (&Archiving, &Path),
) -> Result<()> {
    let data = folder.data();
    let (settings, access) = match record.isolation {
        Isolation::Serving => (serving_settings(record, serving), SERVING_ACCESS),
        Isolation::Quarantined => {
            drop_owned_settings(account, &data.join("postgresql.auto.conf"))?;
            (quarantine_settings(record), QUARANTINE_ACCESS)
        }
    };
    let both = [
        ("password_encryption", "scram-sha-256".to_owned()),
        ("wal_level", "replica".into()),
        (
            "unix_socket_directories",
            folder.socket_folder().to_string_lossy().into_owned(),
        ),
        ("unix_socket_permissions", "0700".into()),
    ];
    let text: String = settings
        .into_iter()
        .chain(both)
        .map(|(name, value)| format!("{name} = {}\n", setting_text(&value)))
        .collect();
    let text =
        format!("# Written by opsctl at every start. Put your own in postgresql.conf.\n{text}");
    put(account, &data.join(FILE), &text)?;
    let access = access.replace("ADMINISTRATOR", ADMINISTRATOR);
    put(account, &data.join("pg_hba.conf"), &access)
}

/// Lets `postgresql.conf` end with opsctl's settings, so that they win over it.
pub(crate) fn include(data: &Path) -> Result<()> {
    let path = data.join("postgresql.conf");
    let mut text = fs::read_to_string(&path).at("read", &path)?;
    text.push_str("\ninclude 'opsctl.conf'\n");
    fs::write(&path, text).at("write", &path)
}

/// The administrator through the socket, which only its account can reach; all others with a password.
const SERVING_ACCESS: &str = "\
# Written by opsctl at every start.
local all         ADMINISTRATOR              trust
local replication ADMINISTRATOR              trust
host  all         ADMINISTRATOR all          reject
host  all         all           127.0.0.1/32 scram-sha-256
";

/// Nobody but the administrator, and not over the network.
const QUARANTINE_ACCESS: &str = "\
# Written by opsctl at every start: this is a quarantined copy.
local all ADMINISTRATOR trust
";

type Setting = (&'static str, String);

fn serving_settings(
    record: &ClusterRecord,
    (archiving, archive): (&Archiving, &Path),
) -> Vec<Setting> {
    vec![
        ("listen_addresses", "127.0.0.1".into()),
        ("port", record.port.to_string()),
        ("archive_mode", "on".into()),
        ("archive_command", archiving.command(archive)),
        (
            "archive_timeout",
            format!("{}s", archiving.timeout.as_secs().max(1)),
        ),
        ("restore_command", String::new()),
    ]
}

/// A copy archives nothing, reaches nobody, is reached by nobody, and is thrown away if the machine dies.
fn quarantine_settings(record: &ClusterRecord) -> Vec<Setting> {
    let served = record.copy.as_ref().is_some_and(|copy| copy.served);
    let safe = if served { "on" } else { "off" };
    let mut settings: Vec<Setting> = vec![
        ("listen_addresses", String::new()),
        ("port", QUARANTINED_PORT.to_string()),
        ("archive_mode", "off".into()),
        ("archive_command", String::new()),
        ("max_logical_replication_workers", "0".into()),
        ("cron.launch_active_jobs", "off".into()),
        ("autovacuum", "off".into()),
        ("fsync", safe.into()),
        ("full_page_writes", safe.into()),
        ("synchronous_commit", safe.into()),
        ("hot_standby", "on".into()),
        // The log is put in place beforehand: recovery is to take it from there.
        ("restore_command", "false".into()),
        ("recovery_target_action", "pause".into()),
        ("recovery_target_inclusive", "on".into()),
    ];
    settings.extend(
        DANGEROUS
            .iter()
            .filter(|name| **name != "archive_library")
            .map(|name| (*name, String::new())),
    );
    if let Some(copy) = &record.copy {
        settings.extend(until(copy));
    }
    settings
}

/// How far a copy recovers. What stands later in the file wins.
fn until(copy: &CopyRecord) -> Vec<Setting> {
    let timeline = ("recovery_target_timeline", copy.source_timeline.to_string());
    match &copy.stop {
        RecoveryStop::Consistent => vec![timeline, ("recovery_target", "immediate".into())],
        RecoveryStop::Time { time } => {
            // Abbreviations of zones, Z among them, are not known yet when settings are read.
            let time = time.to_string().replace('T', " ").replace('Z', "+00");
            vec![timeline, ("recovery_target_time", time)]
        }
        RecoveryStop::Position { lsn } => vec![timeline, ("recovery_target_lsn", lsn.clone())],
        // One that was opened follows nobody any more.
        RecoveryStop::Never { .. } if copy.promotion.is_some() => Vec::new(),
        RecoveryStop::Never { source } => vec![
            ("primary_conninfo", source.clone()),
            // Keeps the log that it needs for as long as it is connected, and not a moment longer.
            ("wal_receiver_create_temp_slot", "on".into()),
        ],
    }
}

/// `ALTER SYSTEM` wins over every file: what it says of the settings above must not travel with a copy.
fn drop_owned_settings(account: &Account, path: &Path) -> Result<()> {
    let Some(text) = durable::read_if_there(path)? else {
        return Ok(());
    };
    let owned = |line: &&str| {
        let name = line.split('=').next().unwrap_or_default().trim();
        QUARANTINE_SETTINGS.contains(&name) || DANGEROUS.contains(&name)
    };
    let kept: String = text
        .lines()
        .filter(|line| !owned(line))
        .map(|line| format!("{line}\n"))
        .collect();
    if kept == text {
        return Ok(());
    }
    put(account, path, &kept)
}

fn put(account: &Account, path: &Path, text: &str) -> Result<()> {
    durable::replace(path, text.as_bytes())?;
    account.own(path)
}

/// A word as the shell reads it back; `%` is doubled because PostgreSQL reads it first.
fn shell_word(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''").replace('%', "%%"))
}

/// A value as the configuration file spells it: a backslash begins an escape there.
fn setting_text(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_the_configuration_file() {
        assert_eq!(setting_text(r"it's a \ b"), r"'it''s a \\ b'");
    }

    #[test]
    fn the_archive_command_survives_the_shell_and_postgresql() {
        let archiving = Archiving {
            program: vec!["/opt/it's/opsctl".into(), "100%".into()],
            timeout: Duration::from_secs(60),
        };
        assert_eq!(
            archiving.command(Path::new("/a b")),
            r#"'/opt/it'\''s/opsctl' '100%%' '/a b' "%p""#
        );
    }
}
