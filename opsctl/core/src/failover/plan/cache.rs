//! The part of the plan for the cache.

use super::super::FailoverInputs;
use super::super::names::{FAIL_OVER, OBSERVE, RECOVER, TAKE_OVER};
use super::{Part, Row, actions, fact, prepare, probe, tidy, told};
use crate::clock::Timestamp;
use crate::engine::{Basis, Effect, When};
use crate::failure::{Failure, Result};
use crate::ports::{Availability, CacheLook, Standing, Through};
use crate::restore::names::step;

/// So many shards of an account and region may be tested within 24 hours (API reference of `TestFailover`).
const A_DAY: usize = 15;

/// The cache, as it was found before the plan.
#[derive(Debug, Clone)]
pub struct CacheFound {
    /// The group.
    pub look: CacheLook,
    /// When failovers were tested within a day, the oldest first.
    pub tested: Vec<Timestamp>,
    /// How users are stood in for.
    pub through: Through,
}

/// Refuses what the service would refuse, before anybody feels anything.
pub(super) fn ready(basis: &Basis<'_>, found: Option<&CacheFound>) -> Result<()> {
    let name = &basis.environment.name;
    let refuse = |what: String| Failure::refused(what).left("nothing was changed");
    let Some(found) = found else {
        return Err(refuse(format!("no service keeps a cache of '{name}'"))
            .cause("--kind cache is for a replication group of ElastiCache")
            .hint("set `aws.cache` in opsctl.yaml"));
    };
    let at = &found.look.standing;
    if !at.has_standby {
        return Err(refuse(format!(
            "cache '{}' has no replica to fail over to by itself",
            at.instance
        ))
        .cause("automatic failover is off, or a shard has no replica: AWS refuses to test it")
        .hint("set replicas in infra/terraform (module cache)"));
    }
    if at.availability != Availability::Available {
        return Err(refuse(format!("cache '{}' is {}", at.instance, at.status))
            .cause("only an available one can fail over")
            .hint(format!("opsctl --env {name} doctor")));
    }
    quota(&found.tested)
        .map_err(|why| refuse(format!("cache '{}' can't be tested today", at.instance)).cause(why))
}

/// Whether the day has room for one more.
fn quota(tested: &[Timestamp]) -> std::result::Result<(), String> {
    let Some(first) = tested
        .len()
        .checked_sub(A_DAY)
        .and_then(|at| tested.get(at))
    else {
        return Ok(());
    };
    let again = first.plus(std::time::Duration::from_secs(24 * 3600));
    Err(format!(
        "{} failovers were tested in this account and region within 24 hours, and AWS allows {A_DAY}; the next may be at {again}",
        tested.len()
    ))
}

pub(super) fn part(inputs: &FailoverInputs, found: Option<&CacheFound>) -> Part {
    let group = inputs
        .standing
        .as_ref()
        .map_or("", |it: &Standing| it.instance.as_str());
    let group = format!("cache {group}");
    let tested = found.map_or(0, |found| found.tested.len());
    let asked = match &inputs.through {
        Some(Through::Application { url, .. }) => {
            format!("through the application at {url}, as a user that the drill makes and deletes")
        }
        _ => "at the cache itself, with the application's address and password; give --url to ask the application".into(),
    };
    Part {
        actions: actions(rows(&group)),
        context: vec![
            fact(
                "users will feel",
                "slower answers for up to a minute: the application asks the database while the cache is away",
            ),
            fact("cache", described(found)),
            fact("measured", asked),
            fact("tested within 24 hours", format!("{tested} of {A_DAY}")),
            fact(
                "afterwards",
                "a replica is the primary, at the same address; the node before it is replaced, which takes minutes",
            ),
        ],
        unchecked: vec![
            "how long it takes: the service decides, and can't be asked to stop".into(),
        ],
        until: step(FAIL_OVER),
        point_of_no_return: step(FAIL_OVER),
    }
}

fn described(found: Option<&CacheFound>) -> String {
    let Some(CacheFound { look, .. }) = found else {
        return String::new();
    };
    let primary = match look.standing.zone.as_str() {
        "" => "its primary is not told",
        name => name,
    };
    format!(
        "shard {} of {} with {} nodes; primary: {primary}",
        look.shard,
        look.shards,
        look.nodes.len()
    )
}

fn rows(group: &str) -> Vec<Row<'_>> {
    use Effect::{Change, Read};
    use When::Success;
    #[rustfmt::skip]
    let mut rows = vec![
        prepare(group),
        (OBSERVE, Read, group, "note how it stands", Success),
        probe(group),
        (FAIL_OVER, Change, group, "test its failover; asked for once", Success),
        (TAKE_OVER, Read, group, "wait until a replica is the primary", Success),
        (RECOVER, Read, group, "wait until it is available, fails over by itself, and has all its replicas", Success),
    ];
    rows.extend(told());
    rows.push(tidy());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixteenth_failover_of_a_day_is_refused_and_told_when_it_may_be() {
        let at = |hour: usize| Timestamp::parse(&format!("2026-11-23T{hour:02}:00:00Z")).unwrap();
        let fourteen: Vec<_> = (0..14).map(at).collect();
        assert_eq!(quota(&fourteen), Ok(()));
        let sixteen: Vec<_> = (0..16).map(at).collect();
        let why = quota(&sixteen).unwrap_err();
        // The second has to be a day old.
        assert!(why.ends_with("at 2026-11-24T01:00:00Z"), "{why}");
    }
}
