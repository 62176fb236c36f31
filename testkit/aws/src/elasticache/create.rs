//! A new group, and the end of one.

use std::io;

use super::{
    described,
    front::ElastiCacheDelays,
    group::{End, Group, Member, Settings},
    nodes::Nodes,
    state::{Id, State},
};
use crate::{
    course::{Course, Phase},
    endpoint::{Asked, Elements, Parameters, Refusal},
    relay::Relay,
};

/// What AWS allows in one shard.
const MOST: u32 = 6;

pub(super) fn create(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let name = name(said)?;
    let count = said.number("NumCacheClusters")?.unwrap_or(1);
    let settings = settings(said, count)?;
    let id: Id = (asked.home.clone(), name.clone());
    if state.groups.contains_key(&id) {
        let message = format!("Replication group {name} already exists.");
        return Err(Refusal::new("ReplicationGroupAlreadyExists", message));
    }
    let ElastiCacheDelays { creating, .. } = state.delays;
    let opened = opened(state, id.clone(), settings, count);
    let mut group = opened.map_err(anyhow::Error::new)?;
    let phase = Phase::new("creating", creating, End::Serve);
    let start = move || Ok(Some(Box::new(Nodes::start(count as usize)?)));
    group.then(state.now(), phase.doing(start));
    let told = described::group(&group);
    state.tell(&id, "Replication group is being created");
    state.groups.insert(id, group);
    Ok(Elements::new().inside("ReplicationGroup", told))
}

pub(super) fn delete(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let (now, lasts) = (state.now(), state.delays.deleting);
    let group = state.group(asked)?;
    if !group.is_lost {
        group.must_be_available()?;
    }
    group.close();
    group.then(now, Phase::new("deleting", lasts, End::Removed));
    let told = described::group(group);
    Ok(Elements::new().inside("ReplicationGroup", told))
}

fn name(said: &Parameters) -> Result<String, Refusal> {
    let name = said.required("ReplicationGroupId")?.to_ascii_lowercase();
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let fits = (1..=40).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(allowed)
        && !name.ends_with('-')
        && !name.contains("--");
    let message = "The parameter ReplicationGroupId must be provided and must not be blank: 1 to 40 letters, digits or hyphens, \
                   the first a letter, no hyphen at the end and no two in a row.";
    match fits {
        true => Ok(name),
        false => Err(Refusal::new("InvalidParameterValue", message)),
    }
}

fn settings(said: &Parameters, count: u32) -> Result<Settings, Refusal> {
    let value = |message: String| Refusal::new("InvalidParameterValue", message);
    let engine = said.owned("Engine").unwrap_or_else(|| "redis".into());
    if !["redis", "valkey"].contains(&engine.as_str()) {
        return Err(value(format!("Invalid engine: {engine}")));
    }
    if !(1..=MOST).contains(&count) {
        return Err(value(format!("NumCacheClusters must be 1 to {MOST}")));
    }
    let automatic_failover = said.flag("AutomaticFailoverEnabled")?.unwrap_or_default();
    let multi_az = said.flag("MultiAZEnabled")?.unwrap_or_default();
    let combination = |message: &str| Err(Refusal::new("InvalidParameterCombination", message));
    if automatic_failover && count < 2 {
        return combination(
            "Replication group with automatic failover must have at least two cache clusters.",
        );
    }
    if multi_az && !automatic_failover {
        return combination("Multi-AZ requires that automatic failover is enabled.");
    }
    Ok(Settings {
        description: said.required("ReplicationGroupDescription")?.to_owned(),
        engine,
        node_type: said.required("CacheNodeType")?.to_owned(),
        automatic_failover,
        multi_az,
    })
}

/// The group with its addresses, which lead nowhere yet.
fn opened(state: &State, id: Id, settings: Settings, count: u32) -> io::Result<Group> {
    let region = id.0.region.clone();
    let address = || Relay::open(&state.shore, state.faults.clone(), &region);
    let member = |number: u32| {
        Ok(Member {
            name: format!("{}-{:03}", id.1, number + 1),
            zone: if number.is_multiple_of(2) { 'a' } else { 'b' },
            relay: address()?,
        })
    };
    Ok(Group {
        members: (0..count).map(member).collect::<io::Result<_>>()?,
        primary: address()?,
        reader: address()?,
        settings,
        created_at: state.now(),
        course: Course::new(state.now()),
        nodes: None,
        is_lost: false,
        id,
    })
}
