//! Reading every row: the content fingerprint beside `COPY`, and the whole proof of a drill.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    alone::Alone,
    machine,
    measure::{Candidate, Measured, interleaved, table, timed},
    report::{Section, goal},
    site::Site,
};
use crate::{checkout::Checkout, machine::child};

const ROUNDS: u32 = 5;
/// Of what COPY takes.
const GOAL: f64 = 1.5;
/// What opsctl may hold, in KiB.
const MEMORY_GOAL: u64 = 64 * 1024;
/// For the proof of a million comments.
const VERIFY_GOAL: f64 = 10.0;

const TABLES: &str = "SELECT format('COPY %I.%I TO ''/dev/null'';', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public'";

/// Measures both on one restored copy.
pub fn measure(checkout: &Checkout, site: &Site) -> Result<Section> {
    let alone = Alone::build(checkout)?;
    let restored = site.opsctl(&["restore"])?;
    let answer = &restored["result"];
    let text = |value: &Value| {
        value
            .as_str()
            .map(str::to_owned)
            .context("the restore's answer")
    };
    let (url, copy) = (text(&answer["location"]["url"])?, text(&answer["copy"])?);
    let mut peaks = Vec::new();
    let candidates = vec![
        Candidate {
            label: "content fingerprint of all tables".to_owned(),
            run: Box::new(|| {
                timed(|| {
                    peaks.push(fingerprint(&alone, &url)?);
                    Ok(())
                })
            }),
        },
        Candidate {
            label: "COPY of all tables TO '/dev/null'".to_owned(),
            run: Box::new(|| timed(|| copy_all(site, &url))),
        },
    ];
    // psql runs what the query answers.
    fs::write(script(site), format!("{TABLES} \\gexec\n"))?;
    let rows = interleaved(candidates, ROUNDS)?;
    site.opsctl(&["restore", "discard", &copy])?;
    let findings = findings(
        &rows,
        peaks.iter().copied().max().unwrap_or(0),
        verified(site)?,
    );
    Ok(Section {
        title: "Content".to_owned(),
        findings,
        table: table(&rows),
        circumstances: machine::circumstances(checkout)?,
    })
}

/// The most memory that it held, in KiB.
fn fingerprint(alone: &Alone, url: &str) -> Result<u64> {
    let answer = alone.run(&["fingerprint", url])?;
    answer["peak_kib"].as_u64().context("peak_kib")
}

fn copy_all(site: &Site, url: &str) -> Result<()> {
    let mut psql = Command::new(site.binaries.program("psql"));
    psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f"]);
    child::output(psql.arg(script(site))).map(drop)
}

fn script(site: &Site) -> PathBuf {
    site.place("copy.sql")
}

/// How long the drill's proof of the rows takes, in seconds.
fn verified(site: &Site) -> Result<f64> {
    let drill = site.opsctl(&["drill", "restore"])?;
    let phases = drill["result"]["document"]["rto"]["phases"]
        .as_array()
        .context("the drill's phases")?;
    let verify = phases.iter().find(|phase| phase["name"] == "verify");
    verify
        .and_then(|phase| phase["seconds"].as_f64())
        .context("the phase verify")
}

fn findings(rows: &[Measured], peak: u64, verified: f64) -> Vec<String> {
    let [ours, copy] = rows else {
        return Vec::new();
    };
    let ratio = ours.median.as_secs_f64() / copy.median.as_secs_f64();
    vec![
        format!(
            "The fingerprint takes {ratio:.2} of what COPY takes; the goal is {GOAL}: {}. PostgreSQL reads a \
             copy with every core for it, COPY with one.",
            goal(ratio <= GOAL)
        ),
        format!(
            "opsctl held {:.1} MiB at most; the goal is 64 MiB: {}.",
            f64::from(u32::try_from(peak).unwrap_or(u32::MAX)) / 1024.0,
            goal(peak <= MEMORY_GOAL)
        ),
        format!(
            "The proof in a drill (engine, structure, content, reconciliation with the live database) of \
             1,110,000 rows, 1,000,000 of them comments, takes {verified:.1} s; the goal is {VERIFY_GOAL} s: {}.",
            goal(verified <= VERIFY_GOAL)
        ),
    ]
}
