//! Restarts, with or without a failover to the standby.

use super::{
    course::Phase,
    described,
    events::Kind as Told,
    groups,
    instance::{End, working},
    refusals,
    state::State,
};
use crate::endpoint::{Asked, Elements, Refusal};

pub(super) fn reboot(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let (now, delays) = (state.now(), state.delays);
    let failover = asked.parameters.flag("ForceFailover")?.unwrap_or_default();
    let instance = state.instance_named(asked, "DBInstanceIdentifier")?;
    instance.must_be(&[
        "available",
        "storage-optimization",
        "storage-full",
        "incompatible-parameters",
    ])?;
    if failover && !instance.settings.multi_az {
        return Err(refusals::combination(
            "Cannot specify ForceFailover when the instance is not configured for MultiAZ.",
        ));
    }
    let (id, server) = (instance.id.clone(), instance.cluster()?.clone());
    let parameters = groups::values_for(state, state.instance_there(&id)?);
    let instance = state.instance(&id)?;
    let work = working(&server, move |cluster| {
        cluster.set_parameters(parameters)?;
        match failover {
            true => cluster.fail_over(),
            false => cluster.restart(),
        }
    });
    let lasts = match failover {
        true => delays.failing_over,
        false => delays.rebooting,
    };
    if failover {
        instance.zone = if instance.zone == 'a' { 'c' } else { 'a' };
    }
    instance.close();
    let phase = Phase::new("rebooting", lasts, End::Restarted);
    instance.course.then(now, phase.doing(work));
    match failover {
        true => {
            state.tell(&id, Told::Failover, "Multi-AZ instance failover started.");
            state.tell(&id, Told::Failover, "Multi-AZ instance failover completed");
        }
        false => state.tell(&id, Told::Availability, "DB instance restarted"),
    }
    let told = described::instance(state, state.instance_there(&id)?);
    Ok(Elements::new().inside("DBInstance", told))
}
