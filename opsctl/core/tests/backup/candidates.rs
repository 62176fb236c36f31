//! Backups to judge, made up.

use std::time::Duration;

use opsctl_core::backup::{Candidate, Health, Policy, decide};
use opsctl_core::clock::Timestamp;
use opsctl_core::environment::Span;
use opsctl_core::names::{BackupId, InstanceId, LineageId};
use opsctl_core::ports::{BackupRecord, Engine, RecoveryPoint};

pub const HOUR: u64 = 3600;
pub const DAY: u64 = 24 * HOUR;

pub fn now() -> Timestamp {
    Timestamp::parse("2026-11-23T12:00:00Z").unwrap()
}

pub fn policy() -> Policy {
    Policy {
        retention: Span::days(30),
        floor: 2,
        stale_after: Span::seconds(25 * HOUR),
    }
}

/// A good backup whose data was taken so many seconds ago; negative: in the future.
pub fn taken(name: &str, seconds_ago: i64) -> Candidate {
    let ago = Duration::from_secs(seconds_ago.unsigned_abs());
    let taken_at = if seconds_ago < 0 {
        now().plus(ago)
    } else {
        now().minus(ago)
    };
    Candidate {
        record: BackupRecord {
            id: BackupId::new(name).unwrap(),
            engine: Engine::Sqlite,
            recovery_point: RecoveryPoint {
                taken_at,
                newest_heartbeat: None,
            },
            completed_at: taken_at,
            size_bytes: 4096,
            schema_version: Some(4),
            instance_id: InstanceId(uuid::Uuid::nil()),
            lineage_id: LineageId(uuid::Uuid::nil()),
            engine_version: "3".into(),
            manifest_sha256: format!("sum-of-{name}"),
        },
        health: Health::Good,
        pins: Vec::new(),
        drilled: false,
    }
}

/// A backup a day, the newest an hour old.
pub fn daily(days: u64) -> Vec<Candidate> {
    (0..days)
        .map(|day| taken(&format!("day-{day}"), (day * DAY + HOUR).cast_signed()))
        .collect()
}

pub fn going(candidates: &[Candidate], policy: &Policy, now: Timestamp) -> Vec<String> {
    let decisions = decide(candidates, policy, now);
    candidates
        .iter()
        .zip(decisions)
        .filter(|(_, decision)| decision.goes())
        .map(|(candidate, _)| candidate.record.id.to_string())
        .collect()
}
