//! Restores: always a new instance, from a snapshot or at a point in time, that loses what is not passed on.

use std::sync::Arc;

use testkit::postgres::BaseBackup;

use super::{
    automated::Retained,
    cluster::Cluster,
    course::{Phase, Product},
    create::Wanted,
    ground::Archive,
    instance::{Base, End, Instance},
    refusals,
    settings::{self, Settings},
    state::{Id, State},
    tags,
};
use crate::{
    clock::{Moment, written},
    endpoint::{Asked, Elements, Refusal},
};

pub(super) fn from_snapshot(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let id = Id::new(
        &asked.home,
        &settings::identifier(said, "DBInstanceIdentifier")?,
    );
    state.free_instance(&id)?;
    let name = said.required("DBSnapshotIdentifier")?;
    let source = Id::named(&asked.home, name, "snapshot");
    if source.home != asked.home {
        return Err(refusals::no_snapshot(name));
    }
    let snapshot = state.snapshot_there(&source)?;
    let status = snapshot.status();
    let data = match (&snapshot.data, status) {
        (Some(data), "available") => Arc::clone(data),
        _ => return Err(refusals::wrong_snapshot_state(&source.name, status)),
    };
    let settings = snapshot.settings.after_restore();
    let wanted = state.wanted(asked, id, settings)?;
    let ground = state.ground.clone();
    let phase = Phase::new("creating", state.delays.restoring, End::Serve)
        .doing(move || Ok(Product::Server(Box::new(Cluster::restore(&ground, &data)?))));
    state.add(wanted, phase)
}

pub(super) fn to_point_in_time(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let id = Id::new(
        &asked.home,
        &settings::identifier(said, "TargetDBInstanceIdentifier")?,
    );
    state.free_instance(&id)?;
    let target = target(asked)?;
    let source = state.source_of_time(asked)?;
    let (first, last) = source.window;
    let moment = target.unwrap_or(last);
    if moment < first || moment > last {
        let message = format!(
            "The specified time {} is outside of the restore window from {} to {}",
            written(moment),
            written(first),
            written(last)
        );
        return Err(Refusal::new("InvalidRestoreFault", message));
    }
    let before = |base: &&Base| base.ended <= moment;
    let base = source
        .bases
        .iter()
        .rev()
        .find(before)
        .or(source.bases.first());
    let base: Arc<BaseBackup> = match base {
        Some(base) => Arc::clone(&base.backup),
        None => return Err(no_points(&source.name)),
    };
    let wanted = state.wanted(asked, id, source.settings.after_restore())?;
    let (ground, log) = (state.ground.clone(), source.archive);
    let until = target.map(|moment| state.clock.on_the_machine(moment));
    let phase = Phase::new("creating", state.delays.restoring, End::Serve).doing(move || {
        let cluster = Cluster::recover(&ground, &base, &log, until)?;
        Ok(Product::Server(Box::new(cluster)))
    });
    state.add(wanted, phase)
}

/// A moment, or the latest there is: one of both must be said.
fn target(asked: &Asked) -> Result<Option<Moment>, Refusal> {
    let latest = asked.parameters.flag("UseLatestRestorableTime")?;
    let moment = asked.parameters.moment("RestoreTime")?;
    match (moment, latest.unwrap_or_default()) {
        (Some(moment), false) => Ok(Some(moment)),
        (None, true) => Ok(None),
        (Some(_), true) => Err(refusals::combination(
            "RestoreTime and UseLatestRestorableTime cannot both be specified",
        )),
        (None, false) => Err(refusals::combination(
            "Either RestoreTime or UseLatestRestorableTime must be specified",
        )),
    }
}

/// Where points in time are taken from.
struct Source {
    name: String,
    settings: Settings,
    bases: Vec<Base>,
    archive: Arc<Archive>,
    window: (Moment, Moment),
}

impl State {
    /// What a restore makes, with what was passed on.
    fn wanted(&self, asked: &Asked, id: Id, mut settings: Settings) -> Result<Wanted, Refusal> {
        settings.read(&asked.parameters)?;
        self.check_references(&asked.home, &settings)?;
        Ok(Wanted {
            id,
            settings,
            tags: tags::given(&asked.parameters),
            follows: None,
        })
    }

    /// An instance by name or resource id, or what was kept of one that is gone.
    fn source_of_time(&self, asked: &Asked) -> Result<Source, Refusal> {
        let said = &asked.parameters;
        let name = said.text("SourceDBInstanceIdentifier");
        let name = name.map(str::to_ascii_lowercase);
        let resource = said.text("SourceDbiResourceId");
        let fits = |id: &Id, own: &str| {
            let by_name = name.as_ref().is_some_and(|name| *name == id.name);
            id.home == asked.home && (by_name || resource == Some(own))
        };
        let alive = |it: &&Instance| fits(&it.id, &it.resource_id);
        if let Some(found) = self.instances.values().find(alive) {
            return of_instance(found);
        }
        let kept = |it: &&Retained| resource.is_some() && fits(&it.id, &it.resource_id);
        match self.retained.iter().find(kept) {
            Some(kept) => of_retained(kept),
            None => {
                let asked = name.as_deref().or(resource).unwrap_or_default();
                Err(refusals::no_instance(asked))
            }
        }
    }
}

fn of_instance(found: &Instance) -> Result<Source, Refusal> {
    let archive = found.archive.clone();
    let (Some(window), Some(archive)) = (found.window(), archive) else {
        return Err(no_points(&found.id.name));
    };
    Ok(Source {
        name: found.id.name.clone(),
        settings: found.settings.clone(),
        bases: found.bases.clone(),
        archive,
        window,
    })
}

fn of_retained(kept: &Retained) -> Result<Source, Refusal> {
    let first = kept.bases.first().ok_or_else(|| no_points(&kept.id.name))?;
    Ok(Source {
        name: kept.id.name.clone(),
        settings: kept.settings.clone(),
        bases: kept.bases.clone(),
        archive: Arc::clone(&kept.archive),
        window: (first.ended, kept.latest),
    })
}

fn no_points(name: &str) -> Refusal {
    let message =
        format!("Point in time restore is not enabled for {name}: it has no automated backups");
    Refusal::new("PointInTimeRestoreNotEnabled", message)
}
