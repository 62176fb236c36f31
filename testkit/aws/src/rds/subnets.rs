//! Subnet groups: names that instances are put in. Whoever furnishes the stand-in makes them; RDS only tells of them here.

use super::{
    paging, refusals,
    settings::DEFAULT_SUBNETS,
    state::{Id, State},
};
use crate::endpoint::{Asked, Elements, Refusal};

pub(super) fn describe(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let name = asked.parameters.text("DBSubnetGroupName");
    let ours = |id: &&Id| id.home == asked.home;
    let own = state.subnet_groups.iter().filter(ours);
    let all = own.map(|id| id.name.as_str()).chain([DEFAULT_SUBNETS]);
    let found: Vec<_> = all
        .filter(|own| name.is_none_or(|name| name == *own))
        .map(|own| (own, told(own)))
        .collect();
    match name {
        Some(name) if found.is_empty() => Err(refusals::no_subnet_group(name)),
        _ => paging::answered("DBSubnetGroups", "DBSubnetGroup", found, &asked.parameters),
    }
}

fn told(name: &str) -> Elements {
    Elements::new()
        .text("DBSubnetGroupName", name)
        .text("SubnetGroupStatus", "Complete")
}
