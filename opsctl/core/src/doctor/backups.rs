//! Backups: missing, stale, unreadable.

use crate::backup::overview;
use crate::failure::Result;
use crate::ports::World;

use super::examination::{Finding, Seen, command};

pub(super) async fn examine(world: &World) -> Result<Seen> {
    let overview = overview(world).await?;
    let findings = overview
        .warnings
        .iter()
        .map(|warning| {
            Finding::trouble(warning.clone(), command(world, "backup create"))
                .or("runbooks/backup.md")
        })
        .collect();
    let newest = overview.backups.last().map_or_else(
        || "none".to_owned(),
        |newest| newest.record.recovery_point.taken_at.to_string(),
    );
    let found = format!("{}, the newest of {newest}", overview.backups.len());
    Ok((found, findings))
}
