//! Ending a cluster for good. Never asks whether it may go.

use std::fs;

use opsctl_core::{Result, names::LineageId};

use super::{
    durable::{self, At},
    layout::ClusterFolder,
    local::LocalPostgres,
    parallel::aside,
    server::{self, Stop},
};

impl LocalPostgres {
    /// Stops the cluster of a lineage at once and removes its files; its archive and its backups stay. One that is
    /// gone is fine.
    ///
    /// # Errors
    /// When it doesn't end, or a file can't be removed.
    pub async fn remove(&self, lineage: LineageId) -> Result<()> {
        let folder = self.layout.cluster(lineage);
        if !folder.path().exists() {
            return Ok(());
        }
        server::stop(&folder.data(), Stop::Immediate).await?;
        aside(|| remove_files(&folder))
    }
}

/// The control file goes first: a removal that is cut short leaves nothing that could start.
pub(super) fn remove_files(folder: &ClusterFolder) -> Result<()> {
    let control = folder.data().join("global/pg_control");
    if control.exists() {
        fs::remove_file(&control).at("remove", &control)?;
    }
    durable::remove_folder(&folder.data())?;
    server::remove_socket_folder(folder)?;
    durable::remove_folder(folder.path())
}
