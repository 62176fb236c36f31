//! What the figures say, against which goals.

use std::time::Duration;

use super::{load::Read, reads::label, start::Starts, storm::Storm};
use crate::commands::bench::report::goal;

/// Microseconds of processor that the whole stack may cost above a bare handler.
const STACK: f64 = 20.0;
/// Profiles from the cache, beside the twin's.
const PROFILE: f64 = 12.0;
/// Posts from PostgreSQL, beside the twin's.
const POST: f64 = 7.0;
/// Posts from PostgreSQL, beside a bare sqlx loop.
const POST_BARE: f64 = 0.8;
/// The wait of the slowest hundredth in a storm, beside idle.
const STORM: f64 = 2.0;
/// MiB under load.
const RESIDENT: f64 = 40.0;
/// From the process's start to ready.
const SQLITE: Duration = Duration::from_millis(100);
const POSTGRES: Duration = Duration::from_millis(300);

/// One sentence a goal.
pub fn all(reads: &[Read], storm: &Storm, starts: &Starts) -> Vec<String> {
    let read = |label: &str| reads.iter().find(|read| read.label == label);
    let mut findings = Vec::new();
    if let (Some(bare), Some(profile)) = (read(label::BARE), read(label::PROFILE)) {
        findings.push(stack(bare, profile));
    }
    let more = [
        (label::PROFILE, label::PROFILE_TWIN, PROFILE),
        (label::PROFILE_SHARED, label::PROFILE_TWIN, PROFILE),
        (label::POST, label::POST_TWIN, POST),
        (label::POST, label::POST_BARE, POST_BARE),
    ];
    for (ours, other, wanted) in more {
        if let (Some(ours), Some(other)) = (read(ours), read(other)) {
            findings.push(times(ours, other, wanted));
        }
    }
    if let Some(most) = reads
        .iter()
        .filter(|read| ours(read))
        .map(|read| read.resident)
        .reduce(f64::max)
    {
        findings.push(format!(
            "The service held at most {most:.0} MiB under load; the goal is {RESIDENT} MiB: {}.",
            goal(most <= RESIDENT)
        ));
    }
    findings.push(storms(storm));
    findings.push(ready("SQLite", starts.sqlite, SQLITE));
    findings.push(ready("PostgreSQL", starts.postgres, POSTGRES));
    findings
}

fn ours(read: &Read) -> bool {
    [label::PROFILE, label::PROFILE_SHARED, label::POST].contains(&read.label)
}

fn stack(bare: &Read, profile: &Read) -> String {
    let above = profile.processor - bare.processor;
    format!(
        "Token, limits, metrics, log line, request id and cache cost {above:.1} µs of processor above a bare handler; the goal is \
         {STACK} µs: {}.",
        goal(above <= STACK)
    )
}

fn times(ours: &Read, other: &Read, wanted: f64) -> String {
    let times = ours.a_second / other.a_second;
    let cost = other.processor / ours.processor;
    format!(
        "“{}” answers {times:.1} times the requests of “{}”, at 1/{cost:.1} of its processor; the goal is {wanted} times: {}.",
        ours.label,
        other.label,
        goal(times >= wanted)
    )
}

fn storms(storm: &Storm) -> String {
    let Storm {
        idle,
        storm: stormy,
        failed,
        log_ins: (let_in, put_off),
    } = storm;
    format!(
        "99 of 100 reads took at most {idle:.1} ms while nobody logged in and {stormy:.1} ms during a storm of log-ins ({let_in} let \
         in, {put_off} put off; {failed} reads failed); the goal is {STORM} times: {}.",
        goal(*stormy <= idle * STORM && *failed == 0)
    )
}

fn ready(engine: &str, took: Duration, wanted: Duration) -> String {
    format!(
        "From start to ready on {engine}: {took:.0?}; the goal is {wanted:?}: {}.",
        goal(took <= wanted)
    )
}
