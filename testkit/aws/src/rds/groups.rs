//! Parameter groups: the parameters are PostgreSQL's own, and take effect in the real servers, at once or with a restart.

use std::{collections::BTreeMap, process::Command, sync::OnceLock};

use testkit::postgres;

use super::{
    instance::{Apply, Instance, locked},
    paging, refusals,
    settings::{DEFAULT_PARAMETERS, identifier},
    state::{Id, State},
};
use crate::endpoint::{Asked, Elements, Home, Refusal};

const FAMILY: &str = "postgres15";
/// How many parameters one request may change.
const MOST: usize = 20;

pub(super) struct ParameterGroup {
    description: String,
    values: BTreeMap<String, String>,
}

/// One parameter, as the server itself describes it.
struct Parameter {
    needs_restart: bool,
    kind: String,
    usual: String,
}

/// What the instance's group sets.
pub(super) fn values_for(state: &State, instance: &Instance) -> BTreeMap<String, String> {
    let group = Id::new(&instance.id.home, &instance.settings.parameter_group);
    let group = state.groups.get(&group);
    group.map(|group| group.values.clone()).unwrap_or_default()
}

pub(super) fn create(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let id = Id::new(&asked.home, &identifier(said, "DBParameterGroupName")?);
    if said.required("DBParameterGroupFamily")? != FAMILY {
        return Err(refusals::value(format!(
            "ParameterGroupFamily is not {FAMILY}"
        )));
    }
    if state.groups.contains_key(&id) {
        let message = format!("Parameter group {} already exists", id.name);
        return Err(Refusal::new("DBParameterGroupAlreadyExists", message));
    }
    let group = ParameterGroup {
        description: said.required("Description")?.to_owned(),
        values: BTreeMap::new(),
    };
    let described = told(&id.home, &id.name, &group.description);
    state.groups.insert(id, group);
    Ok(Elements::new().inside("DBParameterGroup", described))
}

pub(super) fn describe(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let name = asked.parameters.text("DBParameterGroupName");
    let ours = |id: &&Id| id.home == asked.home;
    let own = state.groups.keys().filter(ours).map(|id| {
        let description = &state.groups[id].description;
        (id.name.as_str(), description.as_str())
    });
    let all = own.chain([(DEFAULT_PARAMETERS, "Default parameter group for postgres15")]);
    let found: Vec<_> = all
        .filter(|(own, _)| name.is_none_or(|name| name == *own))
        .map(|(own, description)| (own, told(&asked.home, own, description)))
        .collect();
    match name {
        Some(name) if found.is_empty() => Err(refusals::no_parameter_group(name)),
        _ => paging::answered(
            "DBParameterGroups",
            "DBParameterGroup",
            found,
            &asked.parameters,
        ),
    }
}

pub(super) fn delete(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let name = asked.parameters.required("DBParameterGroupName")?;
    let id = Id::new(&asked.home, name);
    let used = |it: &Instance| it.id.home == id.home && it.settings.parameter_group == name;
    if state.instances.values().any(used) {
        let message = "One or more database instances are still members of this parameter group, so the group cannot be deleted";
        return Err(Refusal::new("InvalidDBParameterGroupState", message));
    }
    let gone = state.groups.remove(&id);
    gone.map(|_| Elements::new())
        .ok_or_else(|| refusals::no_parameter_group(name))
}

pub(super) fn modify(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let name = said.required("DBParameterGroupName")?;
    let id = Id::new(&asked.home, name);
    if !state.groups.contains_key(&id) {
        return Err(refusals::no_parameter_group(name));
    }
    let pair = |second| said.pairs("Parameters.Parameter", ["ParameterName", second]);
    let (values, methods) = (pair("ParameterValue"), pair("ApplyMethod"));
    if values.is_empty() || values.len() > MOST {
        return Err(refusals::value(format!(
            "Between 1 and {MOST} parameters must be given"
        )));
    }
    let mut restart = false;
    for ((parameter, _), (_, method)) in values.iter().zip(&methods) {
        restart |= needs_restart(parameter, method)?;
    }
    let Some(group) = state.groups.get_mut(&id) else {
        return Err(refusals::no_parameter_group(name));
    };
    group.values.extend(values);
    let values = group.values.clone();
    let members = state.instances.values_mut().filter(|it| {
        it.id.home == id.home && it.settings.parameter_group == name && it.server.is_some()
    });
    for instance in members {
        take_effect(instance, &values, restart)?;
    }
    Ok(Elements::new().text("DBParameterGroupName", name))
}

/// What can change at once does; for the rest the instance waits for a restart, and its servers for the values.
fn take_effect(
    instance: &mut Instance,
    values: &BTreeMap<String, String>,
    restart: bool,
) -> Result<(), Refusal> {
    if restart {
        instance.apply = Apply::PendingReboot;
        return Ok(());
    }
    if instance.apply == Apply::InSync
        && let Some(server) = &instance.server
    {
        locked(server).set_parameters(values.clone())?;
    }
    Ok(())
}

fn needs_restart(name: &str, method: &str) -> Result<bool, Refusal> {
    let known = catalogue().get(name);
    let known = known
        .ok_or_else(|| refusals::value(format!("Could not find parameter with name: {name}")))?;
    match (method, known.needs_restart) {
        ("immediate", true) => Err(refusals::combination(format!(
            "cannot use immediate apply method for static parameter: {name}"
        ))),
        ("immediate", false) => Ok(false),
        ("pending-reboot", _) => Ok(true),
        _ => Err(refusals::value(format!("Invalid apply method: {method}"))),
    }
}

pub(super) fn parameters(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let name = said.required("DBParameterGroupName")?;
    let group = state.groups.get(&Id::new(&asked.home, name));
    if group.is_none() && name != DEFAULT_PARAMETERS {
        return Err(refusals::no_parameter_group(name));
    }
    let by_user = said.text("Source").map(|source| source == "user");
    let members = catalogue().iter().filter_map(|(name, parameter)| {
        let set = group.and_then(|group| group.values.get(name));
        by_user
            .is_none_or(|by_user| by_user == set.is_some())
            .then(|| {
                let told = Elements::new()
                    .text("ParameterName", name)
                    .text("ParameterValue", set.unwrap_or(&parameter.usual))
                    .text(
                        "Source",
                        if set.is_some() {
                            "user"
                        } else {
                            "engine-default"
                        },
                    )
                    .text(
                        "ApplyType",
                        if parameter.needs_restart {
                            "static"
                        } else {
                            "dynamic"
                        },
                    )
                    .text("DataType", &parameter.kind)
                    .text("IsModifiable", true)
                    .text("ApplyMethod", "pending-reboot");
                (name.as_str(), told)
            })
    });
    paging::answered("Parameters", "Parameter", members.collect(), said)
}

fn told(home: &Home, name: &str, description: &str) -> Elements {
    Elements::new()
        .text("DBParameterGroupName", name)
        .text("DBParameterGroupFamily", FAMILY)
        .text("Description", description)
        .text("DBParameterGroupArn", Id::new(home, name).arn("pg"))
}

/// Everything that can be set, asked of the server's program once.
fn catalogue() -> &'static BTreeMap<String, Parameter> {
    static CATALOGUE: OnceLock<BTreeMap<String, Parameter>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let described = postgres::find().ok().and_then(|binaries| {
            let mut program = Command::new(binaries.program("postgres"));
            program.arg("--describe-config").output().ok()
        });
        let text = described.map(|output| output.stdout).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        text.lines().filter_map(parameter).collect()
    })
}

/// A line such as `work_mem\tuser\tResource…\tINTEGER\t4096\t64\t2147483647\t…`.
fn parameter(line: &str) -> Option<(String, Parameter)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [name, context, _, kind, usual, ..] = *columns else {
        return None;
    };
    if context == "internal" {
        return None;
    }
    let parameter = Parameter {
        needs_restart: context == "postmaster",
        kind: kind.to_ascii_lowercase(),
        usual: usual.to_owned(),
    };
    Some((name.to_owned(), parameter))
}
