//! How long something is ready before whoever waits for it notices.

use std::{thread, time::Duration};

use anyhow::{Context, Result, anyhow};
use serde_json::json;
use testkit_aws::{Call, rds::Delays};
use time::OffsetDateTime;

use super::stage::{PEER, Stage};
use crate::terminal::say;

/// What a snapshot takes in each round, in seconds; short, as nobody learns more from waiting longer.
const SNAPSHOTS: [u64; 3] = [20, 45, 70];
/// What a restored instance takes.
const INSTANCES: [u64; 2] = [25, 50];

/// One wait.
#[derive(Debug, Clone, Copy)]
pub struct Noticed {
    pub ours: Duration,
    /// The SDK's waiter.
    pub peer: Duration,
}

/// Both wait at the same time, each for something of its own that is made alike.
pub fn measure(stage: &Stage) -> Result<Vec<Noticed>> {
    say("how soon something is noticed …");
    let mut noticed = Vec::new();
    for lasts in SNAPSHOTS {
        noticed.push(snapshot(stage, Duration::from_secs(lasts))?);
    }
    for (turn, lasts) in INSTANCES.into_iter().enumerate() {
        noticed.push(instance(stage, turn, Duration::from_secs(lasts))?);
    }
    stage.last(Delays::moments());
    Ok(noticed)
}

fn snapshot(stage: &Stage, lasts: Duration) -> Result<Noticed> {
    let delays = Delays {
        backing_up: lasts,
        ..Delays::moments()
    };
    stage.last(delays);
    let name = format!("{PEER}-{}", lasts.as_secs());
    let made = json!({"DBInstanceIdentifier": PEER, "DBSnapshotIdentifier": name});
    let race = Race {
        stage,
        words: &["backup", "create"],
        create: "CreateDBSnapshot",
        describe: "DescribeDBSnapshots",
        lasts,
    };
    Ok(race.run("snapshot", &name, made)?.0)
}

fn instance(stage: &Stage, turn: usize, lasts: Duration) -> Result<Noticed> {
    stage.last(Delays {
        restoring: lasts,
        ..Delays::moments()
    });
    let (snapshot, name) = (format!("{PEER}-{}", SNAPSHOTS[0]), format!("{PEER}-{turn}"));
    let made = json!({"DBInstanceIdentifier": name, "DBSnapshotIdentifier": snapshot});
    let race = Race {
        stage,
        words: &["restore"],
        create: "RestoreDBInstanceFromDBSnapshot",
        describe: "DescribeDBInstances",
        lasts,
    };
    let (noticed, copy) = race.run("instance", &name, made)?;
    stage.opsctl(&["restore", "discard", &copy, "--yes"])?;
    let gone = json!({"DBInstanceIdentifier": name, "SkipFinalSnapshot": "true"});
    stage.ask("DeleteDBInstance", gone)?;
    Ok(noticed)
}

/// The two, on the same call.
struct Race<'a> {
    stage: &'a Stage,
    words: &'a [&'a str],
    create: &'a str,
    describe: &'a str,
    lasts: Duration,
}

impl Race<'_> {
    /// How late each was, and the name of what opsctl made.
    fn run(&self, what: &str, name: &str, made: serde_json::Value) -> Result<(Noticed, String)> {
        let Self { stage, .. } = *self;
        let before = stage.aws().calls().len();
        let peers_made = stage.aws().clock().now();
        stage.ask(self.create, made)?;
        thread::scope(|scope| {
            let waits = scope.spawn(|| stage.waiter(what, name));
            stage.opsctl(self.words)?;
            waits.join().map_err(|_| anyhow!("the waiter panicked"))?
        })?;
        let calls = stage.calls_since(before);
        let peers = |call: &&Call| names(call, name);
        let ours = |call: &&Call| !names(call, name);
        let created = calls.iter().filter(ours);
        let created = created.clone().find(|call| call.action == self.create);
        let created = created.context("opsctl made nothing")?;
        let noticed = Noticed {
            ours: self.lag(calls.iter().filter(ours), created.at)?,
            peer: self.lag(calls.iter().filter(peers), peers_made)?,
        };
        let Noticed { ours, peer } = noticed;
        say(&format!(
            "{what}: opsctl {ours:.1?}, the SDK's waiter {peer:.1?}"
        ));
        let made = created.parameters.get("DBInstanceIdentifier");
        Ok((noticed, made.cloned().unwrap_or_default()))
    }

    /// From when it was ready until it was asked for the next time.
    fn lag<'c>(
        &self,
        mut calls: impl Iterator<Item = &'c Call>,
        made: OffsetDateTime,
    ) -> Result<Duration> {
        let ready = made + self.lasts;
        let seen = calls.find(|call| call.action == self.describe && call.at >= ready);
        let seen = seen.context("nobody asked after it was ready")?.at;
        Ok((seen - ready).try_into()?)
    }
}

/// Whether a call is about that one.
fn names(call: &Call, name: &str) -> bool {
    call.parameters.values().any(|value| value == name)
}
