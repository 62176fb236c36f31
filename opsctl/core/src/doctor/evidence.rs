//! Drills and what they signed.

use crate::evidence::{key_id, list, newest_passed, verify};
use crate::failure::Result;
use crate::ports::World;

use super::examination::{Finding, Seen, command};

/// The promise "a restore drill passed within …".
pub(super) async fn drill(world: &World) -> Result<Seen> {
    let limit = world.environment.promises.restore_drill;
    let cure = || command(world, "drill restore");
    let Some(newest) = newest_passed(world.store.as_ref(), "restore").await? else {
        let never = Finding::trouble("no restore drill has passed here", cure());
        return Ok(("none passed".into(), vec![never]));
    };
    let age = newest.finished_at.age(world.clock.now());
    let mut findings = Vec::new();
    if age > limit.0 {
        findings.push(Finding::trouble(
            format!("the last restore drill that passed is older than {limit}"),
            cure(),
        ));
    }
    Ok((format!("passed at {}", newest.finished_at), findings))
}

/// Whether the chain is whole, and the key is one that counts.
pub(super) async fn chain(world: &World) -> Result<Seen> {
    let entries = list(world.store.as_ref()).await?;
    if entries.is_empty() {
        // A key is made when there is something to sign: looking for it now would make one.
        return Ok(("none yet".into(), Vec::new()));
    }
    let trusted = &world.environment.trusted_keys;
    let public = world.keys.signing_key().await?.public_key();
    let own = hex::decode(&public)
        .map(|bytes| key_id(&bytes))
        .unwrap_or_default();
    if !trusted.iter().any(|key| key.id == own) {
        let untrusted = Finding::advice(
            format!("this environment signs with key {own}, which opsctl.yaml does not trust"),
            format!(
                "{} prints what belongs there",
                command(world, "evidence key")
            ),
        );
        return Ok((format!("{} documents", entries.len()), vec![untrusted]));
    }
    let chain = verify(&entries, trusted, None);
    let findings = chain
        .faults
        .iter()
        .map(|fault| {
            Finding::trouble(
                format!("{}: {}", fault.document, fault.detail),
                command(world, "evidence verify"),
            )
        })
        .collect();
    Ok((
        format!("{} documents, signed and chained", entries.len()),
        findings,
    ))
}
