//! Copies of snapshots, into another region too. They are made in the region that they come to; those of one database wait for one
//! another.

use super::{
    course::{Course, Phase},
    described, refusals, settings,
    snapshot::{Done, Kind, Origin, Snapshot},
    state::{Id, State},
    tags,
};
use crate::{
    clock::Moment,
    endpoint::{Asked, Elements, Refusal},
};

pub(super) fn copy(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let id = Id::new(
        &asked.home,
        &settings::identifier(said, "TargetDBSnapshotIdentifier")?,
    );
    let source = said.required("SourceDBSnapshotIdentifier")?;
    let source = Id::named(&asked.home, source, "snapshot");
    if source.home.account != asked.home.account {
        // Shared snapshots are not reproduced, and others' are not there.
        return Err(refusals::no_snapshot(&source.name));
    }
    let from = state.snapshot_there(&source)?;
    if from.status() != "available" {
        return Err(refusals::wrong_snapshot_state(&source.name, from.status()));
    }
    let key = said.owned("KmsKeyId");
    let abroad = source.home.region != id.home.region;
    if abroad && from.settings.kms_key.is_some() && key.is_none() {
        let message = "A KMS key of this region must be given to copy an encrypted snapshot from another region";
        return Err(refusals::combination(message));
    }
    state.may_snapshot(&id)?;
    state.may_copy(&id)?;
    if let Some(key) = &key {
        state.check_key(&id.home, key)?;
    }
    let from = state.snapshot_there(&source)?;
    let copied = of(from, &id, asked, key)?;
    state.snapshots.insert(id.clone(), copied);
    let now = state.now();
    state.lead_the_queue(now);
    let told = described::snapshot(state, state.snapshot_there(&id)?);
    Ok(Elements::new().inside("DBSnapshot", told))
}

fn of(from: &Snapshot, id: &Id, asked: &Asked, key: Option<String>) -> Result<Snapshot, Refusal> {
    let mut tags = tags::given(&asked.parameters);
    if asked.parameters.flag("CopyTags")?.unwrap_or_default() {
        tags.extend(from.tags.clone());
    }
    let mut settings = from.settings.clone();
    settings.kms_key = key.or(settings.kms_key);
    Ok(Snapshot {
        id: id.clone(),
        kind: Kind::Manual,
        instance: from.instance.clone(),
        resource_id: from.resource_id.clone(),
        instance_created_at: from.instance_created_at,
        settings,
        tags,
        created_at: Some(asked.at),
        first_created_at: from.first_created_at,
        data_at: from.data_at,
        data: from.data.clone(),
        origin: Some(Origin {
            arn: from.id.arn("snapshot"),
            region: from.id.home.region.clone(),
        }),
        queued: true,
        failed: false,
        course: Course::new(asked.at),
    })
}

impl State {
    fn may_copy(&self, id: &Id) -> Result<(), Refusal> {
        let most = self.quotas.copies_in_flight;
        let flying = |it: &&Snapshot| it.id.home == id.home && it.is_copying();
        if self.snapshots.values().filter(flying).count() < most {
            return Ok(());
        }
        let message = format!(
            "Cannot have more than {most} in-progress snapshot copies in the destination region"
        );
        Err(Refusal::new("SnapshotQuotaExceeded", message))
    }

    /// Lets the first of each database's copies into each region begin.
    pub fn lead_the_queue(&mut self, now: Moment) {
        if self.holds_copies {
            return;
        }
        let mut waiting: Vec<(Option<Moment>, Id)> = self
            .snapshots
            .values()
            .filter(|it| it.queued)
            .map(|it| (it.created_at, it.id.clone()))
            .collect();
        waiting.sort();
        let lasts = self.delays.copying;
        for (_, id) in waiting {
            let Some(copy) = self.snapshots.get(&id) else {
                continue;
            };
            let before = |it: &Snapshot| {
                it.id.home == id.home
                    && it.resource_id == copy.resource_id
                    && it.is_copying()
                    && !it.queued
            };
            if self.snapshots.values().any(before) {
                continue;
            }
            if let Some(copy) = self.snapshots.get_mut(&id) {
                copy.queued = false;
                copy.course
                    .then(now, Phase::new("creating", lasts, Done::Copied));
            }
        }
    }

    /// The source of copies under way goes: they fail.
    pub fn lose_source(&mut self, source: &Id) {
        let arn = source.arn("snapshot");
        for copy in self.snapshots.values_mut() {
            let of_it = copy.origin.as_ref().is_some_and(|origin| origin.arn == arn);
            if of_it && copy.is_copying() {
                copy.failed = true;
                copy.queued = false;
                copy.course.cut();
            }
        }
    }
}

impl Snapshot {
    fn is_copying(&self) -> bool {
        self.origin.is_some() && (self.queued || self.course.status().is_some())
    }
}
