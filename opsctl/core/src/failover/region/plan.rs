//! What a drill of a lost region will do. Pure: what was observed in, a plan out.

use super::{RegionInputs, Regions};
use crate::clock::Timestamp;
use crate::doctor::reap_action;
use crate::drill::{Choice, DrillInputs, names};
use crate::engine::{Action, Basis, Effect, Fact, OperationKind, Plan, Precondition, When};
use crate::failover::names::{FAIL_BACK, READINESS};
use crate::failure::{Failure, Result};
use crate::ports::{BackupRecord, DatabaseIdentity, Location, Part};
use crate::restore::names::step;

/// What was found.
#[derive(Debug, Clone)]
pub struct RegionObserved {
    /// The two regions.
    pub regions: Regions,
    /// The complete copies in the backup region, oldest data first.
    pub copies: Vec<BackupRecord>,
    /// The live database, where it answered.
    pub source: Option<(Location, Option<DatabaseIdentity>)>,
    /// What a failover needs there.
    pub parts: Vec<Part>,
}

/// Plans the drill.
///
/// # Errors
/// When nothing was ever copied there: there is nothing to bring back.
pub fn plan_region(basis: &Basis<'_>, observed: &RegionObserved) -> Result<Plan> {
    let name = &basis.environment.name;
    let place = &observed.regions.place;
    if observed.regions.home == *place {
        return Err(Failure::refused(format!("'{name}' serves from {place} already"))
            .cause("`aws.region` and `aws.backup_region` are the same: nothing is left to fail over to")
            .left("nothing was changed")
            .runbook("runbooks/drill-failover.md"));
    }
    let newest = observed.copies.last().ok_or_else(|| {
        Failure::refused(format!("no backup of '{name}' was ever copied to {place}"))
            .cause("a failover of the region would have nothing to bring back")
            .left("nothing was changed")
            .hint(format!("opsctl --env {name} backup copy"))
    })?;
    let inputs = inputs(basis, observed, newest);
    Ok(Plan {
        actions: actions(basis, newest, place),
        preconditions: lineage(&inputs.drill).into_iter().collect(),
        context: context(basis.now, observed, newest),
        unchecked: unchecked(observed),
        // It reads and makes scratch in another region: no lock, and in nobody's way.
        ..Plan::of(OperationKind::DrillFailover, basis, &inputs)?
    })
}

fn inputs(basis: &Basis<'_>, observed: &RegionObserved, newest: &BackupRecord) -> RegionInputs {
    let expires = basis.environment.settings.drill.scratch_expires_after.0;
    let (source, identity) = match observed.source.clone() {
        Some((location, identity)) => (Some(location), identity),
        None => (None, None),
    };
    RegionInputs {
        region: observed.regions.clone(),
        drill: DrillInputs {
            backup: Choice::Existing {
                id: newest.id.clone(),
            },
            source,
            identity,
            promises: basis.environment.promises,
            keep: false,
            expires_at: basis.now.plus(expires),
        },
    }
}

#[rustfmt::skip]
fn actions(basis: &Basis<'_>, newest: &BackupRecord, place: &str) -> Vec<Action> {
    use Effect::{Create, Destroy, Read};
    use When::{Always, Success};
    let (copy, scratch) = (format!("copy of {}", newest.id), basis.operation.scratch());
    let scratch = format!("{scratch} in {place}");
    let (copy, scratch) = (copy.as_str(), scratch.as_str());
    let rows = [
        (READINESS, Read, place, "look at everything that a failover needs there", Success),
        (names::OBSERVE, Read, "the live database", "note the time of the incident", Success),
        (names::PIN, Create, copy, "pin the backup and its copy against pruning", Success),
        (names::LOCATE, Read, copy, "find the copy, asking that region alone", Success),
        (names::CHILL, Read, scratch, "note what is warm", Success),
        (names::FETCH, Create, scratch, "restore it there, isolated", Success),
        (names::RESTORE, Create, scratch, "open it, quarantined", Success),
        (names::START, Read, scratch, "wait for the first answer", Success),
        (names::VERIFY, Read, scratch, "prove the data whole", Success),
        (names::READY, Read, scratch, "read a row through the application", Success),
        (FAIL_BACK, Create, "the way back", "write down the steps from there back; none is carried out", Success),
        (names::EVIDENCE, Create, "evidence", "sign what was seen", Success),
        (names::DISCARD, Destroy, scratch, "end it: nothing stays that is billed", Always),
        (names::UNPIN, Destroy, copy, "take the pin away", Always),
    ];
    let told = rows.into_iter().map(|(name, effect, object, summary, when)| Action {
        step: step(name),
        effect,
        object: object.to_owned(),
        summary: summary.to_owned(),
        when,
    });
    told.chain([reap_action()]).collect()
}

/// The database that the copy is held against is still the one that was asked.
pub(super) fn lineage(inputs: &DrillInputs) -> Option<Precondition> {
    let identity = inputs.identity.as_ref()?;
    Some(Precondition {
        name: "live lineage".into(),
        value: identity.lineage_id.to_string(),
        until: None,
    })
}

fn context(now: Timestamp, observed: &RegionObserved, newest: &BackupRecord) -> Vec<Fact> {
    let Regions { home, place } = &observed.regions;
    let taken = newest.recovery_point.taken_at;
    let age = std::time::Duration::from_secs(taken.age(now).as_secs());
    let age = humantime::format_duration(age);
    let fact = |name: String, value: String| Fact { name, value };
    let mut facts = vec![
        fact(
            "drilled".into(),
            format!("{home} counts as lost, and is brought back in {place}; nobody is moved"),
        ),
        fact("data taken".into(), format!("{taken}, {age} ago")),
        fact("size".into(), format!("{} bytes", newest.size_bytes)),
    ];
    facts.extend(observed.parts.iter().map(|part| {
        let cure = match part.cure.as_slice() {
            [] => String::new(),
            cure => format!(" → {}", cure.join("; ")),
        };
        let told = format!("{}: {}{cure}", part.state.as_str(), part.detail);
        fact(part.name.clone(), told)
    }));
    facts
}

fn unchecked(observed: &RegionObserved) -> Vec<String> {
    let mut list = vec!["whether RDS has an instance of that class free there".to_owned()];
    if observed.source.is_none() {
        list.push(
            "the live database does not answer: nothing can be reconciled with it".to_owned(),
        );
    }
    list
}
