//! How long it took from the failure in the cluster to the verdict, by the cluster's own clock.

use std::io::Write;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::place::Place;

/// The most that may pass from the failure to the verdict.
const AT_MOST: f64 = 5.0;

/// What the failure is, in the cluster.
#[derive(Debug, Clone, Copy)]
pub enum Sign {
    /// The first event of that reason in whose words this stands.
    Event(&'static str, &'static str),
    /// The end of the container.
    End,
}

/// Holds the verdict of a release against the sign of its failure, after the patience that such a failure is given.
#[track_caller]
pub fn told_in_time(place: &Place, release: u32, sign: Sign, patience: f64) {
    let shown = place.json(&format!("history show {release}"));
    let evidence = &shown["evidence"];
    let began = moment(&shown["release"]["at"]).unwrap();
    let verdict = moment(&evidence["at"]).unwrap();
    let failed = match sign {
        Sign::Event(reason, words) => event(place, began, reason, words),
        Sign::End => end(evidence),
    };
    let failed = failed.unwrap_or_else(|| panic!("{sign:?} is not in {evidence:#}"));
    let took = (verdict - failed).as_seconds_f64() - patience;
    let code = evidence["findings"][0]["code"].as_str().unwrap();
    record(place.namespace, code, took);
}

/// Notes a figure, and holds it against the most that is allowed.
#[track_caller]
pub fn record(fixture: &str, code: &str, seconds: f64) {
    let line = format!("{fixture:24} {code:28} {seconds:4.1} s\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
    assert!(seconds <= AT_MOST, "{line}");
}

fn event(
    place: &Place,
    began: OffsetDateTime,
    reason: &str,
    words: &str,
) -> Option<OffsetDateTime> {
    let events = place.ground.json(place.namespace, &["get", "events"]);
    let all = events["items"].as_array().unwrap().iter();
    let fitting = all.filter(|it| {
        it["reason"] == reason && it["message"].as_str().unwrap_or_default().contains(words)
    });
    let first = |it: &Value| moment(&it["firstTimestamp"]).or_else(|| moment(&it["eventTime"]));
    // The cluster writes whole seconds, and so before the moment itself.
    let new = |at: &OffsetDateTime| *at + time::Duration::SECOND >= began;
    fitting.filter_map(first).filter(new).min()
}

/// The earliest end of a container that its pod still tells of.
fn end(evidence: &Value) -> Option<OffsetDateTime> {
    let pods = evidence["pods"].as_array().unwrap().iter();
    let statuses = pods.flat_map(|pod| {
        let statuses = pod["status"]["containerStatuses"].as_array();
        statuses.into_iter().flatten()
    });
    let ends = statuses.flat_map(|status| {
        ["state", "lastState"].map(|of| moment(&status[of]["terminated"]["finishedAt"]))
    });
    ends.flatten().min()
}

fn moment(text: &Value) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text.as_str()?, &Rfc3339).ok()
}
