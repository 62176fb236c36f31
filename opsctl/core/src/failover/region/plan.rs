//! What a drill of a lost region will do. Pure: what was observed in, a plan out.

use super::abroad::WorkloadInputs;
use super::{RegionInputs, Regions};
use crate::clock::Timestamp;
use crate::doctor::reap_action;
use crate::drill::{Choice, DrillInputs, names};
use crate::engine::{Action, Basis, Effect, Fact, OperationKind, Plan, Precondition, When};
use crate::failover::names::{ADMIT, CLEAR, DEPLOY, DISMISS, FAIL_BACK, READINESS, SWITCH, VISIT};
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
    /// What can be run there.
    pub workloads: Option<WorkloadInputs>,
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
        actions: actions(basis, newest, observed),
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
        workloads: observed.workloads.clone(),
    }
}

type Row<'a> = (&'static str, Effect, &'a str, &'static str, When);

#[rustfmt::skip]
fn actions(basis: &Basis<'_>, newest: &BackupRecord, observed: &RegionObserved) -> Vec<Action> {
    use Effect::{Create, Destroy, Read};
    use When::{Always, Success};
    let place = observed.regions.place.as_str();
    let (copy, scratch) = (format!("copy of {}", newest.id), basis.operation.scratch());
    let scratch = format!("{scratch} in {place}");
    let (copy, scratch) = (copy.as_str(), scratch.as_str());
    let there = observed.workloads.as_ref().map(|it| format!("namespace {} in {place}", it.namespace));
    let mut rows: Vec<Row<'_>> = vec![
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
    ];
    if let Some(there) = there.as_deref() {
        rows.extend([
            (ADMIT, Effect::Change, scratch, "let the application use it; what it would send is held", Success),
            (DEPLOY, Create, there, "run the release on it, and judge the roll-out", Success),
            (SWITCH, Create, there, "open the way to it for the drill's user, and for nobody else", Success),
            (VISIT, Create, there, "write and read as a user; the first answer ends the RTO", Success),
        ]);
    }
    rows.extend([
        (FAIL_BACK, Create, "the way back", "write down the steps from there back; none is carried out", Success),
        (names::EVIDENCE, Create, "evidence", "sign what was seen", Success),
    ]);
    if there.is_some() {
        rows.push((DISMISS, Effect::Change, scratch, "make a mere copy of it again", Always));
    }
    rows.extend([
        (names::DISCARD, Destroy, scratch, "end it: nothing stays that is billed", Always),
        (names::UNPIN, Destroy, copy, "take the pin away", Always),
    ]);
    if let Some(there) = there.as_deref() {
        rows.push((CLEAR, Destroy, there, "end the namespace with all that is in it", Always));
    }
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
    facts.extend(observed.workloads.iter().map(told));
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

/// What runs there, and what is not switched.
fn told(workloads: &WorkloadInputs) -> Fact {
    let (number, namespace, url) = (workloads.release, &workloads.namespace, &workloads.url);
    Fact {
        name: "run there".into(),
        value: format!(
            "release {number} in the namespace '{namespace}', called at {url} by the drill's user alone; no public name and no secret is switched"
        ),
    }
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
