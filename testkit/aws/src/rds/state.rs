//! All that RDS holds, in every account and region.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    automated::Retained,
    delays::{Delays, Quotas},
    events::Event,
    ground::Ground,
    groups::ParameterGroup,
    instance::Instance,
    refusals,
    settings::{DEFAULT_PARAMETERS, DEFAULT_SUBNETS, Settings},
    snapshot::Snapshot,
};
use crate::{
    clock::{Clock, Moment},
    endpoint::{Asked, Faults, Home, Refusal},
    relay::Shore,
};

/// A name in an account and a region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id {
    pub home: Home,
    pub name: String,
}

impl Id {
    pub fn new(home: &Home, name: &str) -> Self {
        Self {
            home: home.clone(),
            name: name.to_owned(),
        }
    }

    /// Such as `arn:aws:rds:eu-central-1:111111111111:db:orders`.
    pub fn arn(&self, kind: &str) -> String {
        let Home { account, region } = &self.home;
        format!("arn:aws:rds:{region}:{account}:{kind}:{}", self.name)
    }

    /// The other way round; none when it is no ARN of that kind.
    pub fn of_arn(arn: &str, kind: &str) -> Option<Self> {
        let mut parts = arn.strip_prefix("arn:aws:rds:")?.splitn(4, ':');
        let (region, account) = (parts.next()?, parts.next()?);
        let home = Home {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        (parts.next()? == kind).then_some(())?;
        Some(Self::new(&home, parts.next()?))
    }

    /// A thing that is named by name in the same place, or by ARN anywhere.
    pub fn named(home: &Home, text: &str, kind: &str) -> Self {
        Self::of_arn(text, kind).unwrap_or_else(|| Self::new(home, &text.to_ascii_lowercase()))
    }
}

pub(super) struct State {
    pub ground: Ground,
    pub shore: Shore,
    pub clock: Arc<Clock>,
    pub faults: Arc<Faults>,
    pub delays: Delays,
    pub quotas: Quotas,
    pub instances: BTreeMap<Id, Instance>,
    pub snapshots: BTreeMap<Id, Snapshot>,
    pub groups: BTreeMap<Id, ParameterGroup>,
    pub subnet_groups: BTreeSet<Id>,
    pub retained: Vec<Retained>,
    pub events: Vec<Event>,
    /// What instances of that name will come to instead of `available`.
    pub endings: BTreeMap<String, &'static str>,
    pub denied_keys: BTreeSet<String>,
    /// No copy leaves the queue.
    pub holds_copies: bool,
}

impl State {
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    pub fn instance(&mut self, id: &Id) -> Result<&mut Instance, Refusal> {
        let found = self.instances.get_mut(id);
        found.ok_or_else(|| refusals::no_instance(&id.name))
    }

    pub fn instance_named(
        &mut self,
        asked: &Asked,
        parameter: &str,
    ) -> Result<&mut Instance, Refusal> {
        let name = asked.parameters.required(parameter)?;
        self.instance(&Id::named(&asked.home, name, "db"))
    }

    pub fn snapshot(&mut self, id: &Id) -> Result<&mut Snapshot, Refusal> {
        let found = self.snapshots.get_mut(id);
        found.ok_or_else(|| refusals::no_snapshot(&id.name))
    }

    /// A name that no instance has yet, in an account that may have one more.
    pub fn free_instance(&self, id: &Id) -> Result<(), Refusal> {
        if self.instances.contains_key(id) {
            return Err(refusals::instance_exists(&id.name));
        }
        let there = self.instances.keys().filter(|other| other.home == id.home);
        if there.count() >= self.quotas.instances {
            let message = "The request would exceed the maximum number of DB instances.";
            return Err(Refusal::new("InstanceQuotaExceeded", message));
        }
        Ok(())
    }

    /// What an instance refers to must be there.
    pub fn check_references(&self, home: &Home, settings: &Settings) -> Result<(), Refusal> {
        let group = &settings.parameter_group;
        if group != DEFAULT_PARAMETERS && !self.groups.contains_key(&Id::new(home, group)) {
            return Err(refusals::no_parameter_group(group));
        }
        let subnets = &settings.subnet_group;
        if subnets != DEFAULT_SUBNETS && !self.subnet_groups.contains(&Id::new(home, subnets)) {
            return Err(refusals::no_subnet_group(subnets));
        }
        settings
            .kms_key
            .as_ref()
            .map_or(Ok(()), |key| self.check_key(home, key))
    }

    /// A key is of its own region, and may be out of reach.
    pub fn check_key(&self, home: &Home, key: &str) -> Result<(), Refusal> {
        let elsewhere = key
            .strip_prefix("arn:aws:kms:")
            .is_some_and(|rest| !rest.starts_with(&format!("{}:", home.region)));
        match elsewhere || self.denied_keys.contains(key) {
            true => Err(refusals::key_out_of_reach(key)),
            false => Ok(()),
        }
    }
}
