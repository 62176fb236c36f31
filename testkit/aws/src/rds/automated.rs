//! Automated backups: daily, with the log between them, and what is kept of them after a deletion.

use std::{sync::Arc, time::Duration};

use testkit::postgres::BaseBackup;

use super::{
    course::{Course, Phase},
    ground::Archive,
    instance::{Base, End, backing_up, locked},
    paging, refusals,
    settings::{ENGINE, Settings},
    snapshot::{Kind, Snapshot},
    state::{Id, State},
};
use crate::{
    clock::{Moment, written},
    endpoint::{Asked, Elements, Refusal},
};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How often log is brought to where it survives the instance.
const SHIPPING: Duration = Duration::from_secs(5 * 60);

/// The automated backups of an instance that is gone.
pub(super) struct Retained {
    pub id: Id,
    pub resource_id: String,
    pub settings: Settings,
    pub bases: Vec<Base>,
    pub archive: Arc<Archive>,
    pub latest: Moment,
}

impl State {
    /// What a service does by itself: ships log, backs up daily, forgets what is too old.
    pub fn keep_backups(&mut self, id: &Id) {
        let now = self.now();
        let (clock, lasts) = (Arc::clone(&self.clock), self.delays.backing_up);
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        let (Some(server), Some(newest)) = (instance.server.clone(), instance.bases.last()) else {
            return;
        };
        if instance.status() != "available" || instance.follows.is_some() {
            return;
        }
        let newest = newest.ended;
        let shipped = instance.latest_restorable.unwrap_or(newest);
        if now - shipped >= SHIPPING
            && let Ok(reached) = locked(&server).ship()
        {
            instance.latest_restorable = Some(clock.of_the_machine(reached));
        }
        if now - newest >= DAY {
            let phase = Phase::new("backing-up", lasts, End::BackedUp);
            instance.course.then(now, phase.doing(backing_up(&server)));
        }
        let oldest = now - DAY * instance.settings.retention_days;
        let last = instance.bases.len() - 1;
        let mut number = 0;
        instance.bases.retain(|base| {
            number += 1;
            base.ended >= oldest || number > last
        });
        let resource = instance.resource_id.clone();
        self.snapshots.retain(|_, snapshot| {
            snapshot.kind == Kind::Manual
                || snapshot.resource_id != resource
                || snapshot.created_at.is_none_or(|at| at >= oldest)
        });
    }

    /// The automated snapshot beside a base backup.
    pub fn add_automated(&mut self, id: &Id, backup: &Arc<BaseBackup>, at: Moment, now: Moment) {
        let Some(instance) = self.instances.get(id) else {
            return;
        };
        let form = time::macros::format_description!("[year]-[month]-[day]-[hour]-[minute]");
        let date = at.format(form).unwrap_or_default();
        let own = Id::new(&id.home, &format!("rds:{}-{date}", id.name));
        let snapshot = Snapshot {
            id: own.clone(),
            kind: Kind::Automated,
            instance: id.name.clone(),
            resource_id: instance.resource_id.clone(),
            instance_created_at: instance.created_at,
            settings: instance.settings.clone(),
            tags: instance.tags.clone(),
            created_at: Some(at),
            first_created_at: Some(at),
            data_at: Some(at),
            data: Some(Arc::clone(backup)),
            origin: None,
            queued: false,
            failed: false,
            course: Course::new(now),
        };
        self.snapshots.insert(own, snapshot);
    }
}

pub(super) fn describe(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let name = said.text("DBInstanceIdentifier");
    let resource = said.text("DbiResourceId");
    let wanted = |id: &Id, own: &str| {
        id.home == asked.home
            && name.is_none_or(|name| name == id.name)
            && resource.is_none_or(|resource| resource == own)
    };
    let active = state.instances.values().filter_map(|it| {
        let window = it.window()?;
        wanted(&it.id, &it.resource_id).then(|| {
            let told = told(&it.id, &it.resource_id, &it.settings, "active");
            (it.resource_id.as_str(), framed(told, window))
        })
    });
    let retained = state.retained.iter().filter_map(|it| {
        let first = it.bases.first()?.ended;
        wanted(&it.id, &it.resource_id).then(|| {
            let told = told(&it.id, &it.resource_id, &it.settings, "retained");
            (it.resource_id.as_str(), framed(told, (first, it.latest)))
        })
    });
    let members: Vec<_> = active.chain(retained).collect();
    if members.is_empty() && (name.is_some() || resource.is_some()) {
        let asked = name.or(resource).unwrap_or_default();
        let message = format!("DBInstanceAutomatedBackup {asked} not found.");
        return Err(Refusal::not_found(
            "DBInstanceAutomatedBackupNotFound",
            message,
        ));
    }
    paging::answered(
        "DBInstanceAutomatedBackups",
        "DBInstanceAutomatedBackup",
        members,
        said,
    )
}

/// Deletes what was kept of an instance that is gone.
pub(super) fn delete(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let resource = asked.parameters.required("DbiResourceId")?;
    let found = state
        .retained
        .iter()
        .position(|it| it.resource_id == resource && it.id.home == asked.home);
    let Some(found) = found else {
        if state
            .instances
            .values()
            .any(|it| it.resource_id == resource)
        {
            return Err(refusals::combination(
                "The automated backup is active: it goes with its instance",
            ));
        }
        let message = format!("DBInstanceAutomatedBackup {resource} not found.");
        return Err(Refusal::not_found(
            "DBInstanceAutomatedBackupNotFound",
            message,
        ));
    };
    let gone = state.retained.remove(found);
    let told = told(&gone.id, &gone.resource_id, &gone.settings, "deleting");
    Ok(Elements::new().inside("DBInstanceAutomatedBackup", told))
}

fn told(id: &Id, resource: &str, settings: &Settings, status: &str) -> Elements {
    Elements::new()
        .text("DBInstanceArn", id.arn("db"))
        .text("DbiResourceId", resource)
        .text("Region", &id.home.region)
        .text("DBInstanceIdentifier", &id.name)
        .text("Status", status)
        .text("AllocatedStorage", settings.storage_gb)
        .text("MasterUsername", &settings.master)
        .text("Engine", ENGINE)
        .text("EngineVersion", &settings.engine_version)
        .text("Encrypted", settings.kms_key.is_some())
        .optional("KmsKeyId", settings.kms_key.as_ref())
        .text("StorageType", &settings.storage_type)
        .text("BackupRetentionPeriod", settings.retention_days)
        .text("BackupTarget", "region")
}

fn framed(told: Elements, (first, last): (Moment, Moment)) -> Elements {
    let window = Elements::new()
        .text("EarliestTime", written(first))
        .text("LatestTime", written(last));
    told.inside("RestoreWindow", window)
}
