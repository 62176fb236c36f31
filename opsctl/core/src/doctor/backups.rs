//! Backups: missing, stale, unreadable.

use crate::backup::overview;
use crate::failure::Result;
use crate::ports::World;

use super::examination::{Finding, Seen, command};

pub(super) async fn examine(world: &World) -> Result<Seen> {
    let overview = overview(world).await?;
    let mut findings: Vec<Finding> = overview
        .warnings
        .iter()
        .map(|warning| {
            Finding::trouble(warning.clone(), command(world, "backup create"))
                .or("runbooks/backup.md")
        })
        .collect();
    findings.extend(overview.lost.map(|lost| {
        let what = format!("the backups at home can't be listed: {lost}");
        Finding::trouble(what, command(world, "restore --abroad")).or("runbooks/drill-failover.md")
    }));
    findings.extend(overview.copies_behind.map(|behind| {
        Finding::trouble(behind, command(world, "backup copy")).or("runbooks/backup.md")
    }));
    findings.extend(overview.exports_behind.map(|behind| {
        Finding::trouble(behind, command(world, "backup export")).or("runbooks/backup.md")
    }));
    let newest = overview.backups.last().map_or_else(
        || "none".to_owned(),
        |newest| newest.record.recovery_point.taken_at.to_string(),
    );
    let found = format!("{}, the newest of {newest}", overview.backups.len());
    Ok((found, findings))
}
