//! What drills signed: of this environment, by a key that is trusted, fresh, and of real time.

use crate::clock::Timestamp;
use crate::conform::checks::{Known, OfEvidence};
use crate::environment::Protection;
use crate::evidence::{Entry, Evidence, EvidenceVerdict, RpoMethod, list, verify};
use crate::failure::Result;
use crate::ports::World;

use super::looked::Looked;

/// The newest evidence of a drill, beside what the line asks of it.
pub async fn look(world: &World, look: &OfEvidence) -> Looked {
    match judge(world, look).await {
        Ok(looked) => looked,
        Err(failure) => Looked::Unknown(format!("the evidence can't be read: {failure}")),
    }
}

async fn judge(world: &World, look: &OfEvidence) -> Result<Looked> {
    let entries = list(world.store.as_ref()).await?;
    let mut refused = Vec::new();
    let expected = expected(look);
    for (at, entry) in entries.iter().enumerate().rev() {
        let document = match entry.document() {
            Ok(document) if is_of(&document, look) => document,
            Ok(_) => continue,
            Err(failure) => {
                refused.push(format!("{} can't be read: {failure}", entry.key.name()));
                continue;
            }
        };
        if let Some(reason) = why_not(world, &entries[..=at], &document, look.measure) {
            refused.push(format!("{} does not count: {reason}", entry.key.name()));
            continue;
        }
        return Ok(measured(look, entry, &document, world.clock.now()));
    }
    let actual = match refused.first() {
        None => format!("no {} was run here", look.told()),
        Some(reason) => reason.clone(),
    };
    Ok(Looked::Judged {
        holds: false,
        expected,
        actual,
        evidence: format!("{} documents of evidence", entries.len()),
    })
}

fn expected(look: &OfEvidence) -> String {
    let measure = match look.measure {
        Known::Passed => "that passed".to_owned(),
        other => format!("whose {} held", other.told()),
    };
    format!("a {} {measure}, within {}", look.told(), look.fresh)
}

fn is_of(document: &Evidence, look: &OfEvidence) -> bool {
    let moved = document.failover.as_ref().map(|over| over.kind.as_str());
    let kind = moved.or(document.region.as_ref().map(|_| "region"));
    let wanted = look.kind.as_deref();
    document.drill == look.drill && wanted.is_none_or(|wanted| kind == Some(wanted))
}

/// Why a document is no evidence for this environment, whatever it says.
fn why_not(world: &World, until: &[Entry], document: &Evidence, measure: Known) -> Option<String> {
    let environment = &world.environment;
    if document.environment != environment.name {
        return Some(format!("it is of {}", document.environment));
    }
    if document.finished_at > world.clock.now() || document.finished_at < document.started_at {
        return Some(format!(
            "its clock was not the real one: it ended at {}",
            document.finished_at
        ));
    }
    let protected = environment.settings.protection == Protection::Protected;
    if protected && !document.representative.of_production {
        return Some(format!(
            "it says nothing of production: {}",
            document.representative.why
        ));
    }
    if measure == Known::Rpo && document.rpo.method == RpoMethod::FreshBackup {
        return Some("it took its backup itself, which proves no RPO".into());
    }
    let name = until.last().map(|entry| entry.key.name().to_owned());
    let chain = verify(until, &environment.trusted_keys, None);
    let fault = chain
        .faults
        .iter()
        .find(|fault| Some(&fault.document) == name.as_ref());
    fault.map(|fault| fault.detail.clone())
}

fn measured(look: &OfEvidence, entry: &Entry, document: &Evidence, now: Timestamp) -> Looked {
    let age = document.finished_at.age(now);
    let fresh = age <= look.fresh.0;
    let (good, figure) = match look.measure {
        Known::Passed => (
            document.verdict == EvidenceVerdict::Passed,
            verdict(document),
        ),
        Known::Rto => {
            let rto = &document.rto;
            let figure = format!(
                "{:.1} s of {:.0} s",
                rto.measured_seconds, rto.target_seconds
            );
            (rto.measured_seconds < rto.target_seconds, figure)
        }
        Known::Rpo => {
            let rpo = &document.rpo;
            let figure = format!(
                "{:.1} s of {:.0} s",
                rpo.measured_seconds, rpo.target_seconds
            );
            (rpo.measured_seconds <= rpo.target_seconds, figure)
        }
        Known::Integrity => integrity(document),
    };
    let stale = match fresh {
        true => "",
        false => ", which is too old",
    };
    Looked::Judged {
        holds: fresh && good,
        expected: expected(look),
        actual: format!("{figure}, at {}{stale}", document.finished_at),
        evidence: format!("evidence {}, {}", entry.key.name(), document.operation),
    }
}

fn verdict(document: &Evidence) -> String {
    match document.verdict {
        // Which kind it was, and what users felt, is for whoever reads to judge.
        EvidenceVerdict::Passed => match &document.failover {
            Some(over) => format!(
                "passed ({}): longest gap {:.1} s, {} writes lost",
                over.kind, over.writes.longest_gap_seconds, over.lost_writes
            ),
            None => match &document.region {
                Some(region) => format!(
                    "passed (region): from {} to {} in {:.1} s; deploy and switch not drilled",
                    region.from, region.to, document.rto.measured_seconds
                ),
                None => "passed".into(),
            },
        },
        EvidenceVerdict::Failed => format!("failed: {}", document.reasons.join("; ")),
    }
}

fn integrity(document: &Evidence) -> (bool, String) {
    let levels = &document.integrity.levels;
    let bad = levels.iter().find(|level| level.outcome != "passed");
    match bad {
        Some(level) => (
            false,
            format!("{}: {} ({})", level.name, level.outcome, level.detail),
        ),
        None => (
            !levels.is_empty(),
            format!("{} levels passed", levels.len()),
        ),
    }
}
