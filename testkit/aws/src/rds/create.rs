//! New instances, however they come to their data.

use std::collections::BTreeMap;

use anyhow::Context;
use uuid::Uuid;

use super::{
    cluster::{Cluster, Master},
    course::{Course, Phase, Product},
    described,
    instance::{Apply, End, Instance},
    refusals,
    relay::Relay,
    settings::{self, ENGINE, Settings},
    state::{Id, State},
    tags,
};
use crate::endpoint::{Asked, Elements, Refusal};

/// What is needed to make an instance, beside its data.
pub(super) struct Wanted {
    pub id: Id,
    pub settings: Settings,
    pub tags: BTreeMap<String, String>,
    pub follows: Option<Id>,
}

pub(super) fn create(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let id = Id::new(
        &asked.home,
        &settings::identifier(said, "DBInstanceIdentifier")?,
    );
    state.free_instance(&id)?;
    if said.required("Engine")? != ENGINE {
        let engine = said.required("Engine")?;
        return Err(refusals::value(format!("Invalid DB engine: {engine}")));
    }
    let master = Master {
        name: said.required("MasterUsername")?.to_owned(),
        password: password(said.required("MasterUserPassword")?)?,
        database: said.owned("DBName"),
    };
    if ["rdsadmin", "admin"].contains(&master.name.as_str()) {
        let message = format!(
            "MasterUsername {} cannot be used as it is a reserved word used by the engine",
            master.name
        );
        return Err(refusals::value(message));
    }
    let mut settings = first_settings(asked)?;
    settings.master.clone_from(&master.name);
    settings.database.clone_from(&master.database);
    state.check_references(&asked.home, &settings)?;
    let wanted = Wanted {
        id,
        settings,
        tags: tags::given(said),
        follows: None,
    };
    let (ground, lasts) = (state.ground.clone(), state.delays.creating);
    let phase = Phase::new("creating", lasts, End::Serve).doing(move || {
        Ok(Product::Server(Box::new(Cluster::create(
            &ground, &master,
        )?)))
    });
    state.add(wanted, phase)
}

fn first_settings(asked: &Asked) -> Result<Settings, Refusal> {
    let said = &asked.parameters;
    let mut settings = Settings {
        storage_gb: 0,
        ..Settings::defaults()
    };
    said.required("DBInstanceClass")?;
    said.required("AllocatedStorage")?;
    settings.read(said)?;
    let version = said.text("EngineVersion");
    if let Some(version) = version.filter(|version| version.split('.').next() != Some("15")) {
        let message = format!("Cannot find version {version} for postgres");
        return Err(refusals::combination(message));
    }
    if said.flag("StorageEncrypted")?.unwrap_or_default() {
        let home = &asked.home;
        let usual = format!("arn:aws:kms:{}:{}:key/aws-rds", home.region, home.account);
        settings.kms_key = Some(said.owned("KmsKeyId").unwrap_or(usual));
    }
    Ok(settings)
}

/// A password that AWS would take.
pub(super) fn password(text: &str) -> Result<String, Refusal> {
    let says = |why: &str| {
        let message = format!("The parameter MasterUserPassword is not a valid password{why}");
        Err(refusals::value(message))
    };
    if text.len() < 8 {
        return says(" because it is shorter than 8 characters.");
    }
    let forbidden =
        |letter: char| ['/', '@', '"', ' '].contains(&letter) || !letter.is_ascii_graphic();
    if text.contains(forbidden) {
        return says(". Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.");
    }
    Ok(text.to_owned())
}

impl State {
    /// Puts a new instance on its way.
    pub fn add(&mut self, wanted: Wanted, phase: Phase<End>) -> Result<Elements, Refusal> {
        let Wanted {
            id,
            settings,
            tags,
            follows,
        } = wanted;
        let now = self.now();
        let relay = Relay::open(&self.shore, self.faults.clone(), &id.home.region);
        let mut course = Course::new(now);
        course.then(now, phase);
        let resource = Uuid::new_v4().simple().to_string().to_uppercase();
        let instance = Instance {
            resource_id: format!("db-{}", resource.get(..26).unwrap_or(&resource)),
            created_at: None,
            settings,
            pending: None,
            apply: Apply::InSync,
            tags,
            zone: 'a',
            course,
            resting: "available",
            server: None,
            relay: relay.context("open an endpoint")?,
            follows,
            bases: Vec::new(),
            archive: None,
            latest_restorable: None,
            trouble: None,
            id: id.clone(),
        };
        let described = described::instance(self, &instance);
        self.instances.insert(id, instance);
        Ok(Elements::new().inside("DBInstance", described))
    }
}
