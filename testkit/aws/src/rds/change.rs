//! Changes of an instance: at once, or when a maintenance window comes.

use anyhow::Result;

use super::{
    cluster::{Archiving, Cluster},
    course::Phase,
    create, described,
    events::Kind as Told,
    instance::{Apply, Change, End, Instance, backing_up, locked, working},
    refusals,
    relay::Relay,
    settings::{self, Settings},
    snapshot::Kind,
    state::{Id, State},
};
use crate::endpoint::{Asked, Elements, Parameters, Refusal};

pub(super) fn modify(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let at_once = said.flag("ApplyImmediately")?.unwrap_or_default();
    let instance = state.instance_named(asked, "DBInstanceIdentifier")?;
    instance.must_be(&["available", "storage-optimization", "storage-full"])?;
    let id = instance.id.clone();
    let change = wanted(instance, said)?;
    state.check_references(&asked.home, &change.settings)?;
    if let Some(name) = &change.new_name {
        state.free_instance(&Id::new(&id.home, name))?;
    }
    let instance = state.instance(&id)?;
    let present = instance.settings.clone();
    let now = match at_once {
        true => {
            instance.pending = None;
            change
        }
        false => {
            let soon = soon(&present, &change);
            let later = Change {
                password: None,
                ..change
            };
            instance.pending =
                (later.settings != soon.settings || later.new_name.is_some()).then_some(later);
            soon
        }
    };
    if now.settings != present || now.new_name.is_some() || now.password.is_some() {
        state.begin_change(&id, now);
    }
    let told = described::instance(state, state.instance_there(&id)?);
    Ok(Elements::new().inside("DBInstance", told))
}

/// What is asked for, over what waits already.
fn wanted(instance: &Instance, said: &Parameters) -> Result<Change, Refusal> {
    let mut change = instance.pending.clone().unwrap_or_else(|| Change {
        settings: instance.settings.clone(),
        new_name: None,
        password: None,
    });
    change.settings.read(said)?;
    if said.text("NewDBInstanceIdentifier").is_some() {
        change.new_name = Some(settings::identifier(said, "NewDBInstanceIdentifier")?);
    }
    if let Some(password) = said.text("MasterUserPassword") {
        if instance.follows.is_some() {
            let message = "A replica's password is its source's.";
            return Err(refusals::combination(message));
        }
        change.password = Some(create::password(password)?);
    }
    if instance.follows.is_some() && change.settings.retention_days > 0 {
        change.settings.retention_days = instance.settings.retention_days;
    }
    Ok(change)
}

/// What does not wait for a window: all but class, storage, standby, name, and backups that are switched on or off.
fn soon(present: &Settings, change: &Change) -> Change {
    let wanted = &change.settings;
    let switches = (present.retention_days == 0) != (wanted.retention_days == 0);
    Change {
        settings: Settings {
            class: present.class.clone(),
            storage_gb: present.storage_gb,
            storage_type: present.storage_type.clone(),
            iops: present.iops,
            multi_az: present.multi_az,
            retention_days: if switches {
                present.retention_days
            } else {
                wanted.retention_days
            },
            ..wanted.clone()
        },
        new_name: None,
        password: change.password.clone(),
    }
}

impl State {
    /// Puts a change on its way. It does not show at once: who looks too early sees the old state.
    pub fn begin_change(&mut self, id: &Id, change: Change) {
        let (now, delays) = (self.now(), self.delays);
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        let Some(server) = instance.server.clone() else {
            return;
        };
        let before = &instance.settings;
        let status = match &change {
            Change {
                new_name: Some(_), ..
            } => "renaming",
            Change {
                password: Some(_),
                settings,
                ..
            } if settings == before => "resetting-master-credentials",
            _ => "modifying",
        };
        let grows = change.settings.storage_gb != before.storage_gb;
        let work = work_of(before, &change);
        let quiet = Phase::new(instance.status(), delays.noticing, End::Nothing);
        let end = End::Changed(Box::new(change));
        let phase = Phase::new(status, delays.modifying, end).doing(working(&server, work));
        instance.course.then(now, quiet);
        instance.course.then(now, phase);
        if grows {
            let phase = Phase::new("storage-optimization", delays.modifying, End::Nothing);
            instance.course.then(now, phase);
        }
    }

    /// A change has been made: told, served on, and under the new name if there is one.
    pub fn changed(&mut self, id: &Id, change: Change) -> Result<()> {
        let (now, delays) = (self.now(), self.delays);
        let Some(instance) = self.instances.get_mut(id) else {
            return Ok(());
        };
        let before = std::mem::replace(&mut instance.settings, change.settings);
        if before.parameter_group != instance.settings.parameter_group {
            instance.apply = Apply::PendingReboot;
        }
        let days = instance.settings.retention_days;
        let begins = before.retention_days == 0 && days > 0 && instance.follows.is_none();
        if begins && let Some(server) = instance.server.clone() {
            let phase = Phase::new("backing-up", delays.backing_up, End::BackedUp);
            instance.course.then(now, phase.doing(backing_up(&server)));
            instance.archive = Some(locked(&server).archive().clone());
        }
        instance.open();
        let (resource, own) = (instance.resource_id.clone(), id.clone());
        if days == 0 && before.retention_days > 0 {
            instance.bases.clear();
            instance.latest_restorable = None;
            self.snapshots
                .retain(|_, it| it.kind == Kind::Manual || it.resource_id != resource);
        }
        self.tell(
            &own,
            Told::ConfigurationChange,
            "Finished applying modification",
        );
        change
            .new_name
            .map_or(Ok(()), |name| self.rename(id, &name))
    }

    /// The new name has another address; the old one is gone at once.
    fn rename(&mut self, id: &Id, name: &str) -> Result<()> {
        let new = Id::new(&id.home, name);
        let relay = Relay::open(&self.shore, self.faults.clone(), &id.home.region)?;
        if let Some(mut instance) = self.instances.remove(id) {
            instance.id = new.clone();
            instance.relay = relay;
            instance.open();
            self.instances.insert(new.clone(), instance);
        }
        for other in self.instances.values_mut() {
            if other.follows.as_ref() == Some(id) {
                other.follows = Some(new.clone());
            }
        }
        Ok(())
    }
}

/// What has to be done on the servers.
fn work_of(
    before: &Settings,
    change: &Change,
) -> impl FnOnce(&mut Cluster) -> Result<()> + Send + 'static {
    let after = &change.settings;
    let restarts = before.class != after.class || change.new_name.is_some();
    let standby = (before.multi_az != after.multi_az).then_some(after.multi_az);
    let archiving = match after.retention_days {
        0 => Archiving::Off,
        _ => Archiving::On,
    };
    let password = change.password.clone();
    let master = after.master.clone();
    move |cluster| {
        if let Some(password) = password {
            cluster.set_password(&master, &password)?;
        }
        match standby {
            Some(true) => cluster.add_standby()?,
            Some(false) => cluster.remove_standby()?,
            None => {}
        }
        cluster.set_archiving(archiving)?;
        if restarts {
            cluster.restart()?;
        }
        Ok(())
    }
}
