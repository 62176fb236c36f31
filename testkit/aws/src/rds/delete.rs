//! The end of an instance, and what is kept of it.

use super::{
    automated::Retained,
    course::Phase,
    described,
    events::Kind as Told,
    instance::{End, Instance},
    refusals, settings,
    snapshot::Kind,
    state::{Id, State},
};
use crate::endpoint::{Asked, Elements, Refusal};

pub(super) fn delete(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let skips = said.flag("SkipFinalSnapshot")?.unwrap_or_default();
    let keeps = !said.flag("DeleteAutomatedBackups")?.unwrap_or(true);
    let last = match said.text("FinalDBSnapshotIdentifier") {
        Some(_) => Some(settings::identifier(said, "FinalDBSnapshotIdentifier")?),
        None => None,
    };
    let instance = state.instance_named(asked, "DBInstanceIdentifier")?;
    may_go(instance, skips, last.is_some())?;
    let id = instance.id.clone();
    if let Some(last) = last {
        let last = Id::new(&id.home, &last);
        state.may_snapshot(&last)?;
        state.take(&id, last, std::collections::BTreeMap::new())?;
    }
    state.keep_or_drop_backups(&id, keeps);
    let (now, lasts) = (state.now(), state.delays.deleting);
    let instance = state.instance(&id)?;
    instance.close();
    instance
        .course
        .then(now, Phase::new("deleting", lasts, End::Removed));
    instance.course.call_all("deleting");
    state.tell(&id, Told::Deletion, "DB instance deleted");
    let told = described::instance(state, state.instance_there(&id)?);
    Ok(Elements::new().inside("DBInstance", told))
}

fn may_go(instance: &Instance, skips: bool, last: bool) -> Result<(), Refusal> {
    let name = &instance.id.name;
    if instance.status() == "deleting" {
        let message = format!("Instance {name} is already being deleted.");
        return Err(Refusal::new("InvalidDBInstanceState", message));
    }
    if instance.settings.deletion_protection {
        return Err(refusals::combination(
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
        ));
    }
    if skips && last {
        return Err(refusals::combination(
            "FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is true",
        ));
    }
    if !skips && !last {
        return Err(refusals::combination(
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        ));
    }
    if last && (instance.follows.is_some() || instance.is_terminal()) {
        let status = instance.status();
        let message =
            format!("A final snapshot of {name} can't be taken: it is a replica, or {status}.");
        return Err(Refusal::new("InvalidDBInstanceState", message));
    }
    match last {
        true => instance.must_be(&["available", "storage-optimization"]),
        false => Ok(()),
    }
}

impl State {
    /// Automated backups go with their instance unless somebody wants them kept.
    fn keep_or_drop_backups(&mut self, id: &Id, keeps: bool) {
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        let (window, bases) = (instance.window(), std::mem::take(&mut instance.bases));
        let (resource, archive) = (instance.resource_id.clone(), instance.archive.clone());
        match (keeps, window, archive) {
            (true, Some((_, latest)), Some(archive)) => self.retained.push(Retained {
                id: id.clone(),
                resource_id: resource,
                settings: instance.settings.clone(),
                bases,
                archive,
                latest,
            }),
            _ => self.snapshots.retain(|_, snapshot| {
                snapshot.kind == Kind::Manual || snapshot.resource_id != resource
            }),
        }
    }

    pub fn instance_there(&self, id: &Id) -> Result<&Instance, Refusal> {
        let found = self.instances.get(id);
        found.ok_or_else(|| refusals::no_instance(&id.name))
    }
}
