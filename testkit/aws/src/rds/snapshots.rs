//! Snapshots that somebody asks for: taken, listed, deleted.

use std::collections::BTreeMap;

use super::{
    course::{Course, Phase},
    described,
    events::Kind as Told,
    instance::{End, Instance, backing_up, working},
    paging, refusals, settings,
    snapshot::{Done, Kind, Snapshot},
    state::{Id, State},
    tags,
};
use crate::endpoint::{Asked, Elements, Refusal};

pub(super) fn create(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let id = Id::new(
        &asked.home,
        &settings::identifier(said, "DBSnapshotIdentifier")?,
    );
    let instance = state.instance_named(asked, "DBInstanceIdentifier")?;
    instance.must_be(&["available", "storage-optimization"])?;
    let source = instance.id.clone();
    state.may_snapshot(&id)?;
    state.take(&source, id.clone(), tags::given(said))?;
    let told = described::snapshot(state, state.snapshot_there(&id)?);
    Ok(Elements::new().inside("DBSnapshot", told))
}

pub(super) fn describe(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let part =
        |text: Option<&str>, kind: &str| text.map(|text| Id::named(&asked.home, text, kind).name);
    let name = part(said.text("DBSnapshotIdentifier"), "snapshot");
    let instance = part(said.text("DBInstanceIdentifier"), "db");
    let resource = said.text("DbiResourceId");
    let kind = said.text("SnapshotType");
    if kind.is_some_and(|kind| !["manual", "automated"].contains(&kind)) {
        // Shared, public and AWS Backup's: none are here.
        return paging::answered("DBSnapshots", "DBSnapshot", Vec::new(), said);
    }
    let wanted = |snapshot: &&Snapshot| {
        snapshot.id.home == asked.home
            && name.as_ref().is_none_or(|it| *it == snapshot.id.name)
            && instance.as_ref().is_none_or(|it| *it == snapshot.instance)
            && resource.is_none_or(|it| it == snapshot.resource_id)
            && kind.is_none_or(|it| it == snapshot.kind.as_str())
    };
    let found: Vec<_> = state
        .snapshots
        .values()
        .filter(wanted)
        .map(|it| (it.id.name.as_str(), described::snapshot(state, it)))
        .collect();
    match &name {
        Some(name) if found.is_empty() => Err(refusals::no_snapshot(name)),
        _ => paging::answered("DBSnapshots", "DBSnapshot", found, said),
    }
}

pub(super) fn delete(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let name = asked.parameters.required("DBSnapshotIdentifier")?;
    let id = Id::named(&asked.home, name, "snapshot");
    let snapshot = state.snapshot(&id)?;
    if snapshot.kind == Kind::Automated {
        let message = "Automated snapshots cannot be deleted: they go with their retention period.";
        return Err(Refusal::new("InvalidDBSnapshotState", message));
    }
    // Deleting the target cancels a copy.
    let cancels = snapshot.origin.is_some();
    if snapshot.status() == "creating" && !cancels {
        return Err(refusals::wrong_snapshot_state(&id.name, "creating"));
    }
    let told = described::snapshot(state, state.snapshot_there(&id)?);
    state.lose_source(&id);
    state.snapshots.remove(&id);
    Ok(Elements::new().inside("DBSnapshot", told))
}

impl State {
    pub fn snapshot_there(&self, id: &Id) -> Result<&Snapshot, Refusal> {
        let found = self.snapshots.get(id);
        found.ok_or_else(|| refusals::no_snapshot(&id.name))
    }

    /// A name that no snapshot has yet, in an account that may have one more.
    pub fn may_snapshot(&self, id: &Id) -> Result<(), Refusal> {
        if self.snapshots.contains_key(id) {
            return Err(refusals::snapshot_exists(&id.name));
        }
        let manual = |it: &&Snapshot| it.id.home == id.home && it.kind == Kind::Manual;
        let most = self.quotas.manual_snapshots;
        if self.snapshots.values().filter(manual).count() >= most {
            let message = format!("Cannot create more than {most} manual snapshots");
            return Err(Refusal::new("SnapshotQuotaExceeded", message));
        }
        Ok(())
    }

    /// Begins a snapshot; the instance is `backing-up` meanwhile.
    pub fn take(
        &mut self,
        source: &Id,
        id: Id,
        given: BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        let (now, lasts) = (self.now(), self.delays.backing_up);
        let instance = self.instance(source)?;
        let server = instance.cluster()?.clone();
        let mut course = Course::new(now);
        let phase = Phase::new("creating", lasts, Done::Taken);
        course.then(now, phase.doing(backing_up(&server)));
        let meanwhile = Phase::new("backing-up", lasts, End::Nothing);
        // Waits for the servers, which the snapshot's own work holds.
        let waits = working(&server, |_| Ok(()));
        instance.course.then(now, meanwhile.doing(waits));
        let snapshot = of_instance(instance, id.clone(), given, course);
        self.snapshots.insert(id, snapshot);
        self.tell(source, Told::Backup, "Creating manual snapshot");
        Ok(())
    }
}

fn of_instance(
    instance: &Instance,
    id: Id,
    given: BTreeMap<String, String>,
    course: Course<Done>,
) -> Snapshot {
    let mut tags = match instance.settings.copy_tags_to_snapshot {
        true => instance.tags.clone(),
        false => BTreeMap::new(),
    };
    tags.extend(given);
    Snapshot {
        id,
        kind: Kind::Manual,
        instance: instance.id.name.clone(),
        resource_id: instance.resource_id.clone(),
        instance_created_at: instance.created_at,
        settings: instance.settings.clone(),
        tags,
        created_at: None,
        first_created_at: None,
        data_at: None,
        data: None,
        origin: None,
        queued: false,
        failed: false,
        course,
    }
}
