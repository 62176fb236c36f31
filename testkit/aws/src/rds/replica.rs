//! Read replicas: copies that go on following, until they are promoted.

use std::sync::Arc;

use super::{
    cluster::{Archiving, Cluster},
    course::{Phase, Product},
    create::Wanted,
    described,
    instance::{End, backing_up, locked, working},
    refusals, settings,
    state::{Id, State},
    tags,
};
use crate::endpoint::{Asked, Elements, Refusal};

pub(super) fn create(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let id = Id::new(
        &asked.home,
        &settings::identifier(said, "DBInstanceIdentifier")?,
    );
    state.free_instance(&id)?;
    let name = said.required("SourceDBInstanceIdentifier")?;
    let source = Id::named(&asked.home, name, "db");
    let instance = state.instance(&source)?;
    instance.must_be(&["available", "backing-up", "storage-optimization"])?;
    if instance.settings.retention_days == 0 {
        let message = "Automated backups are not enabled for this database instance. To enable automated backups, use \
                       ModifyDBInstance to set the backup retention period to a non-zero value.";
        return Err(Refusal::new("InvalidDBInstanceState", message));
    }
    let key = said.owned("KmsKeyId");
    let abroad = source.home.region != id.home.region;
    if abroad && instance.settings.kms_key.is_some() && key.is_none() {
        let message = "A KMS key of this region must be given for a replica of an encrypted instance in another region";
        return Err(refusals::combination(message));
    }
    let (server, port) = (instance.cluster()?.clone(), instance.relay.port());
    let mut settings = instance.settings.of_replica();
    if abroad {
        // Groups are of one region.
        settings = settings::Settings {
            parameter_group: settings::DEFAULT_PARAMETERS.into(),
            subnet_group: settings::DEFAULT_SUBNETS.into(),
            security_groups: vec![settings::DEFAULT_SECURITY_GROUP.into()],
            ..settings
        };
    }
    settings.kms_key = key.or(settings.kms_key);
    settings.read(said)?;
    state.check_references(&asked.home, &settings)?;
    let ground = state.ground.clone();
    let phase = Phase::new("creating", state.delays.restoring, End::Serve).doing(move || {
        let cluster = Cluster::follow(&ground, &locked(&server), port)?;
        Ok(Product::Server(Box::new(cluster)))
    });
    let wanted = Wanted {
        id,
        settings,
        tags: tags::given(said),
        follows: Some(source),
    };
    state.add(wanted, phase)
}

pub(super) fn promote(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let days = asked.parameters.number("BackupRetentionPeriod")?;
    let instance = state.instance_named(asked, "DBInstanceIdentifier")?;
    if instance.follows.is_none() {
        let message = format!("DB Instance {} is not a read replica.", instance.id.name);
        return Err(Refusal::new("InvalidDBInstanceState", message));
    }
    instance.must_be(&["available"])?;
    instance.settings.retention_days = days.unwrap_or(1);
    let id = instance.id.clone();
    state.begin_promotion(&id);
    let instance = state.instances.get(&id);
    let told = instance.map(|instance| described::instance(state, instance));
    Ok(Elements::new().inside("DBInstance", told.unwrap_or_default()))
}

impl State {
    /// Ends the following: a restart, and backups from then on.
    pub fn begin_promotion(&mut self, id: &Id) {
        let (now, delays) = (self.now(), self.delays);
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        let Some(server) = instance.server.clone() else {
            // It never came to follow.
            instance.follows = None;
            return;
        };
        let archiving = match instance.settings.retention_days {
            0 => Archiving::Off,
            _ => Archiving::On,
        };
        instance.close();
        let multi_az = instance.settings.multi_az;
        let promotion = working(&server, move |cluster| {
            cluster.promote()?;
            cluster.set_archiving(archiving)?;
            match multi_az {
                true => cluster.add_standby(),
                false => Ok(()),
            }
        });
        let phase = Phase::new("modifying", delays.modifying, End::Promoted);
        instance.course.then(now, phase.doing(promotion));
        if archiving == Archiving::On {
            let phase = Phase::new("backing-up", delays.backing_up, End::BackedUp);
            instance.course.then(now, phase.doing(backing_up(&server)));
        }
        instance.archive = Some(Arc::clone(locked(&server).archive()));
    }
}
