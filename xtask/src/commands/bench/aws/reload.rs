//! A restore that is proved, beside a dump that is loaded again.

use std::{process::Command, time::Duration};

use anyhow::Result;
use serde_json::Value;
use testkit_aws::rehearsal::NAME;

use super::stage::{PEER, Stage};
use crate::{
    commands::bench::measure::{median, timed},
    machine::child,
    terminal::say,
};

const ROUNDS: usize = 3;
/// How many steps are named.
const STEPS: usize = 5;

/// The medians.
#[derive(Debug)]
pub struct Reloaded {
    /// The steps of the last drill that took longest, in its own account.
    pub longest: Vec<(String, Duration)>,
    /// `opsctl drill restore`: restored, proved by engine, structure and content, and cleared away.
    pub drill: Duration,
    /// `pg_restore -j2` into an empty database of an instance that runs.
    pub pg_restore: Duration,
}

/// In turns; states of the account last no longer than what is really done in them.
pub fn measure(stage: &Stage) -> Result<Reloaded> {
    say("a restore with its proof beside pg_restore …");
    let dump = stage.place("app.dump");
    let mut dumped = Command::new(stage.binaries.program("pg_dump"));
    dumped.args(["-Fc", "-d", &stage.way_into(NAME)?, "-f"]);
    child::run(dumped.arg(&dump))?;
    let (mut drills, mut loads) = (Vec::new(), Vec::new());
    let mut longest = Vec::new();
    for _ in 0..ROUNDS {
        let drill = stage.opsctl(&["drill", "restore"])?;
        drills.push(drill.wall);
        longest = longest_steps(&drill.said);
        let way = stage.way_into(PEER)?;
        let empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
        stage.psql(&way, empty)?;
        let load = timed(|| {
            let mut load = Command::new(stage.binaries.program("pg_restore"));
            // The comment of an extension is its owner's, who is nobody of ours.
            let words = [
                "-j2",
                "--no-owner",
                "--no-privileges",
                "--no-comments",
                "-d",
                &way,
            ];
            child::output(load.args(words).arg(&dump)).map(drop)
        })?;
        loads.push(load.wall);
    }
    let reloaded = Reloaded {
        longest,
        drill: median(&mut drills).unwrap_or_default(),
        pg_restore: median(&mut loads).unwrap_or_default(),
    };
    say(&format!("{reloaded:.1?}"));
    Ok(reloaded)
}

/// By the events that opsctl writes.
fn longest_steps(said: &str) -> Vec<(String, Duration)> {
    let events = said.lines().map(serde_json::from_str::<Value>);
    let finished = events
        .filter_map(Result::ok)
        .filter(|event| event["type"] == "step_finished");
    let mut steps: Vec<_> = finished.filter_map(|event| step(&event)).collect();
    steps.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
    steps.truncate(STEPS);
    steps
}

fn step(event: &Value) -> Option<(String, Duration)> {
    let seconds = event["seconds"].as_f64()?;
    let took = Duration::try_from_secs_f64(seconds).ok()?;
    Some((event["step"].as_str()?.to_owned(), took))
}
