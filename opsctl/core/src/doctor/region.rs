//! Whether all that a failover of the region needs is in the second place, long before the day.

use crate::failover::abroad;
use crate::failure::Result;
use crate::ports::{AwayPorts, Part, World};

use super::examination::{Finding, Level, Seen, command};

pub(super) async fn examine(world: &World, away: &AwayPorts) -> Result<Seen> {
    let parts = abroad::look(world, away).await;
    let ready = parts.iter().filter(|part| !part.lacks()).count();
    let found = format!("{ready} of {} in {}", parts.len(), away.place);
    let lacking = parts.into_iter().filter(Part::lacks);
    let findings = lacking.map(|part| finding(world, &away.place, part));
    Ok((found, findings.collect()))
}

fn finding(world: &World, place: &str, part: Part) -> Finding {
    let Part {
        name, detail, cure, ..
    } = part;
    let cure = cure.into_iter();
    Finding {
        level: Level::Trouble,
        what: format!("{name}: a failover to {place} would fail: {detail}"),
        cure: cure
            .map(|words| match words.strip_prefix("opsctl ") {
                Some(rest) => command(world, rest),
                None => words,
            })
            .collect(),
    }
}
