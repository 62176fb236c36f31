//! Operations killed at random, once or several times, over many seeds: whatever happens, the last resume ends
//! them, and nothing is left but what should be. `endurance <seeds> <first seed>`; a failure names its seed.
//!
//! No test of the default run: the more seeds, the longer it takes. `cargo xtask test endurance` runs it.
#![allow(clippy::unwrap_used, reason = "a test in all but name")]
#![allow(
    dead_code,
    reason = "the tests' bench and stage hold more than is used here"
)]

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use opsctl_core::drill::{plan, plan_self_test};
use opsctl_core::engine::Plan;
use opsctl_core::evidence::list;
use opsctl_core::guard::lock_status;
use opsctl_core::names::{BackupId, ResourceName};
use opsctl_core::restore::{Destination, Point, Source};
use opsctl_simulation::{KillAt, environment, survive};

#[path = "../tests/world/bench.rs"]
mod bench;
#[path = "../tests/world/runner.rs"]
mod runner;
#[path = "../tests/world/restore/stage.rs"]
mod stage;

use stage::{Stage, before_and_after, cut_over};

/// So many at a time: their leases must be renewed in time.
const TOGETHER: u64 = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    CutOver,
    Scratch,
    Drill,
    SelfTest,
}

/// Splitmix: the same seed throws the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap()
    }
}

async fn planned(stage: &Stage, kind: Kind, seed: u64) -> Plan {
    match kind {
        Kind::CutOver => {
            let destination = cut_over(Source::Reachable);
            stage.plan("restore-1", Point::Newest, destination).await
        }
        Kind::Scratch => {
            stage
                .plan("restore-1", Point::Newest, Destination::Scratch)
                .await
        }
        Kind::Drill => plan(&stage.observed("drill-restore-1").await, &environment()),
        Kind::SelfTest => {
            let observed = stage.observed("drill-self-test-1").await;
            plan_self_test(&observed, seed, &environment())
        }
    }
    .unwrap()
}

/// Kills it up to four times and resumes it to its end; what is wrong then.
async fn endure(seed: u64) -> Result<(), String> {
    let mut dice = Dice(seed);
    let kinds = [Kind::CutOver, Kind::Scratch, Kind::Drill, Kind::SelfTest];
    let kind = kinds[dice.below(kinds.len())];
    let count = {
        let (stage, _) = before_and_after();
        stage.boundaries(&planned(&stage, kind, seed).await).await
    };
    let (stage, backup) = before_and_after();
    let plan = planned(&stage, kind, seed).await;
    let mut kills = vec![dice.below(count)];
    drop(stage.killed(&plan, kills[0]).await);
    for _ in 0..dice.below(4) {
        if stage.view(&plan).await.is_open() {
            let at = dice.below(count);
            kills.push(at);
            let (stage, plan) = (stage.clone(), plan.clone());
            let fault = Arc::new(KillAt::boundary(at));
            drop(survive(async move { stage.resume_with(&plan, fault).await }).await);
        }
    }
    let told = |what: String| format!("seed {seed}: {kind:?} killed at {kills:?}: {what}");
    if stage.view(&plan).await.is_open()
        && let Err(failure) = stage.resume(&plan).await
    {
        return Err(told(format!("it can't be resumed: {failure}")));
    }
    match wrong(&stage, &backup, &plan, kind).await {
        None => Ok(()),
        Some(what) => Err(told(what)),
    }
}

/// The first thing that is not as after an undisturbed run.
async fn wrong(stage: &Stage, backup: &BackupId, plan: &Plan, kind: Kind) -> Option<String> {
    let platform = &stage.platform;
    let (descriptor, live) = (platform.descriptor(), platform.live());
    let users = match kind {
        Kind::CutOver => vec!["ada"],
        _ => vec!["ada", "bob"],
    };
    let documents = list(stage.store.as_ref()).await.unwrap().len();
    let copies = platform.copies().len();
    let database = ResourceName::new("database").unwrap();
    let lock = lock_status(stage.store.as_ref(), &database).await.unwrap();
    // Whoever dies after the last record leaves a lock until its lease is over; nothing is open then.
    let checks = [
        ("it is open", !stage.view(plan).await.is_open()),
        (
            "another lineage serves",
            live.identity.lineage_id == descriptor.lineage_id,
        ),
        ("rows are lost or came twice", live.keys("users") == users),
        ("a pin is left", stage.pins(backup).await == 0),
        (
            "not one document",
            documents == usize::from(kind == Kind::Drill),
        ),
        (
            "copies",
            copies == usize::from(kind == Kind::Scratch || kind == Kind::CutOver) || copies == 0,
        ),
        (
            "the lock is another's",
            lock.record.open.is_none_or(|open| open == plan.operation),
        ),
        (
            "writes are refused",
            platform.write("users", &["eve", "eve@example.org"]).is_ok(),
        ),
    ];
    let failed = checks.into_iter().find(|(_, holds)| !holds);
    failed.map(|(what, _)| format!("{what}: {live:?}"))
}

fn say(text: &str) {
    // Nobody reads any more when this fails.
    drop(writeln!(std::io::stderr(), "{text}"));
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let (Some(Ok(seeds)), Some(Ok(first))) = (words.next(), words.next()) else {
        say("endurance <seeds> <first seed>");
        return ExitCode::from(2);
    };
    let mut faults = 0_usize;
    let end = first.saturating_add(seeds);
    let mut from = first;
    while from < end {
        let to = end.min(from.saturating_add(TOGETHER));
        let ended = futures::future::join_all((from..to).map(|seed| tokio::spawn(endure(seed))));
        for (seed, answer) in (from..to).zip(ended.await) {
            let answer = answer.unwrap_or_else(|panic| Err(format!("seed {seed}: {panic}")));
            if let Err(what) = answer {
                say(&what);
                faults += 1;
            }
        }
        from = to;
    }
    say(&format!("{seeds} seeds from {first}: {faults} faults"));
    ExitCode::from(u8::from(faults > 0))
}
