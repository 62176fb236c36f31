//! What earlier operations left: copies, databases that were set aside, fences that are owed.

use crate::failover::abroad;
use crate::failure::Result;
use crate::lineage::{Fence, LineageRegister, SetAside};
use crate::ports::World;
use crate::restore::expired;

use super::examination::{Finding, Seen, command};

pub(super) async fn copies(world: &World) -> Result<Seen> {
    let all = world.copies.list().await?;
    let past = expired(world).await?;
    let findings = all
        .iter()
        .filter(|(name, _, _)| past.contains(name))
        .map(|(name, owner, expires_at)| {
            Finding::trouble(
                format!("copy {name} of {owner} is past its end ({expires_at})"),
                command(world, "backup create"),
            )
            .or("any later run of an operation clears it away")
        })
        .collect();
    Ok((format!("{} scratch", all.len()), findings))
}

pub(super) async fn namespaces(world: &World) -> Result<Seen> {
    let past = abroad::expired(world).await?;
    let told = format!("{} past their end", past.len());
    let findings = past.into_iter().map(|left| {
        let (namespace, owner, expires_at) = (left.namespace, left.operation, left.expires_at);
        Finding::trouble(
            format!("the namespace {namespace} abroad, of {owner}, is past its end ({expires_at})"),
            command(world, "backup create"),
        )
        .or("any later run of an operation clears it away")
    });
    Ok((told, findings.collect()))
}

pub(super) async fn set_aside(world: &World) -> Result<Seen> {
    let register = LineageRegister::load(world.store.as_ref()).await?;
    let newest = register.newest_set_aside().map(|aside| aside.lineage_id);
    let findings = register
        .set_aside
        .iter()
        .map(|aside| match aside.fence {
            Fence::Owed => Finding::trouble(
                format!(
                    "the database of lineage {} was cut off unfenced: it may come back",
                    aside.lineage_id
                ),
                command(world, "backup create"),
            )
            .or("the next run that reaches it fences it"),
            Fence::Proven => kept(world, aside).or(match newest == Some(aside.lineage_id) {
                true => "restore undo goes back to it",
                false => "restore undo goes back to a newer one",
            }),
        })
        .collect();
    Ok((format!("{} databases", register.set_aside.len()), findings))
}

/// One that is kept past its day is paid for by mistake; nobody ends it by itself.
fn kept(world: &World, aside: &SetAside) -> Finding {
    let lineage = aside.lineage_id;
    let remove = command(world, &format!("restore set-aside remove {lineage}"));
    let (since, url) = (aside.since, &aside.location.url);
    let kept = format!("the database of lineage {lineage} is kept since {since} at {url}");
    match aside.keep_until.filter(|due| *due < world.clock.now()) {
        Some(due) => Finding::trouble(format!("{kept}, and was due on {due}"), remove),
        None => Finding::advice(kept, remove),
    }
}
