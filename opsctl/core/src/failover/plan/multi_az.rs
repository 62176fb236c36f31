//! The part of the plan for a standby that a service keeps in another zone.

use super::super::FailoverInputs;
use super::super::names::{ARRIVE, FAIL_OVER, OBSERVE};
use super::{Part, Row, actions, fact, prepare, probe, tidy, told};
use crate::engine::{Basis, Effect, When};
use crate::failure::{Failure, Result};
use crate::ports::{Availability, Standing};
use crate::restore::names::step;

/// Refuses what the service would refuse, before anybody feels anything.
pub(super) fn ready(basis: &Basis<'_>, standing: Option<&Standing>) -> Result<()> {
    let name = &basis.environment.name;
    let refuse = |what: String| Failure::refused(what).left("nothing was changed");
    let Some(found) = standing else {
        return Err(refuse(format!("no service keeps a standby of '{name}'"))
            .cause("--kind multi-az is for an RDS instance in two zones")
            .hint(format!("opsctl --env {name} drill failover --kind replica")));
    };
    let instance = &found.instance;
    if !found.has_standby {
        return Err(refuse(format!(
            "instance '{instance}' has no standby to fail over to"
        ))
        .cause("it is not Multi-AZ: a failover would be an outage without an end known beforehand")
        .hint("set multi_az in infra/terraform, or drill --kind replica"));
    }
    if found.availability != Availability::Available {
        return Err(refuse(format!("instance '{instance}' is {}", found.status))
            .cause("only an available one can fail over")
            .hint(format!("opsctl --env {name} doctor")));
    }
    Ok(())
}

pub(super) fn part(inputs: &FailoverInputs) -> Part {
    let standing = inputs.standing.as_ref();
    let instance = standing.map_or_else(String::new, |it| format!("instance {}", it.instance));
    let zone = standing.map_or("", |it| it.zone.as_str());
    let live = format!("database of lineage {}", inputs.old.lineage_id);
    Part {
        actions: actions(rows(&live, &instance)),
        context: vec![
            fact(
                "users will feel",
                "no writes and no reads, typically for 60 to 120 s; sessions with the database are cut",
            ),
            fact("instance", format!("{instance}, Multi-AZ, now in {zone}")),
            fact(
                "promised",
                format!("less than {} without writes", inputs.promises.rto),
            ),
            fact(
                "afterwards",
                "it serves from the other zone, at the same address",
            ),
        ],
        unchecked: vec![
            "how long it takes: the service decides, and can't be asked to stop".into(),
        ],
        until: step(FAIL_OVER),
        point_of_no_return: step(FAIL_OVER),
    }
}

fn rows<'a>(live: &'a str, instance: &'a str) -> Vec<Row<'a>> {
    use Effect::{Change, Read};
    use When::Success;
    #[rustfmt::skip]
    let mut rows = vec![
        prepare(live),
        (OBSERVE, Read, instance, "note how it stands", Success),
        probe(live),
        (FAIL_OVER, Change, instance, "reboot it with a failover; asked for once", Success),
        (ARRIVE, Read, instance, "wait until the standby serves, and takes a write", Success),
    ];
    rows.extend(told());
    rows.push(tidy());
    rows
}
