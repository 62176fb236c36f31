//! Snapshots as AWS describes them, and their names as ours.

use aws_sdk_rds::types::DbSnapshot;
use opsctl_core::Result;
use opsctl_core::names::BackupId;

use super::super::refusals;
use super::super::site::RdsSite;
use super::super::tags::Tags;
use super::away;
use crate::account::Side;

/// What the names of automated snapshots begin with; none of ours holds a colon.
const AUTOMATED: &str = "rds:";
/// The same in a backup's name, where no snapshot's name has a dot.
const OURS: &str = "rds.";

/// The snapshot of a backup.
pub(super) fn identifier(id: &BackupId) -> String {
    match id.as_str().strip_prefix(OURS) {
        Some(rest) => format!("{AUTOMATED}{rest}"),
        None => id.to_string(),
    }
}

/// Whether RDS took it by itself.
pub(super) fn is_automated(id: &BackupId) -> bool {
    id.as_str().starts_with(OURS)
}

/// The backup of a snapshot; `None` where its name can't be one.
pub(super) fn backup(snapshot: &DbSnapshot) -> Option<BackupId> {
    let name = snapshot.db_snapshot_identifier()?;
    let name = match name.strip_prefix(AUTOMATED) {
        Some(rest) => format!("{OURS}{rest}"),
        None => name.to_owned(),
    };
    BackupId::new(name).ok()
}

pub(super) fn status(snapshot: &DbSnapshot) -> &str {
    snapshot.status().unwrap_or_default()
}

pub(super) fn tags(snapshot: &DbSnapshot) -> Tags {
    Tags::of(snapshot.tag_list())
}

/// The snapshot of that backup; in the backup region its copy.
pub(in super::super) async fn find(site: &RdsSite, id: &BackupId) -> Result<Option<DbSnapshot>> {
    match site.at {
        Side::Home => named(site, Side::Home, &identifier(id)).await,
        Side::Backup => away::find(site, id).await,
    }
}

/// The snapshot of that name, in one of the two regions.
pub(super) async fn named(site: &RdsSite, side: Side, name: &str) -> Result<Option<DbSnapshot>> {
    if name.contains(['.', '_']) {
        return Ok(None);
    }
    let client = site.client_in(side).await?;
    let asked = client.describe_db_snapshots().db_snapshot_identifier(name);
    match asked.send().await {
        Ok(told) => Ok(told.db_snapshots().first().cloned()),
        Err(error) if refusals::is(&error, "DBSnapshotNotFound") => Ok(None),
        Err(error) => Err(refusals::of(
            format!("can't look at the snapshot '{name}'"),
            &error,
        )),
    }
}

/// Every snapshot of the account in the region, automated ones too, page by page.
pub(super) async fn all(site: &RdsSite, side: Side) -> Result<Vec<DbSnapshot>> {
    let client = site.client_in(side).await?;
    let mut pages = client.describe_db_snapshots().into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refusals::of("can't list the backups", &error))?;
        found.extend(page.db_snapshots.unwrap_or_default());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_automated_snapshot_keeps_its_name_on_the_way_there_and_back() {
        let told = DbSnapshot::builder()
            .db_snapshot_identifier("rds:orders-2026-11-23-06-15")
            .build();
        let id = backup(&told).unwrap();
        assert_eq!(id.as_str(), "rds.orders-2026-11-23-06-15");
        assert!(is_automated(&id));
        assert_eq!(identifier(&id), "rds:orders-2026-11-23-06-15");
    }
}
