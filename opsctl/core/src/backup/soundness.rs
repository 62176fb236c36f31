//! Whether the files of a backup are what was written.

use crate::engine::Progress;
use crate::failure::{Failure, FailureKind, Result};
use crate::names::BackupId;
use crate::ports::{BackupFinding, Backups};

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Soundness {
    /// The backup.
    pub backup: BackupId,
    /// Its faults; none: it is good.
    pub findings: Vec<BackupFinding>,
}

impl Soundness {
    /// True when no fault was found.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.findings.is_empty()
    }

    /// The first fault, in words; `None` when the backup is good.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        self.findings.first().map(in_words)
    }

    /// The failure that this is, when it is one.
    ///
    /// # Errors
    /// [`FailureKind::PromiseBroken`], naming each file and its fault.
    pub fn into_result(self) -> Result<()> {
        if self.is_good() {
            return Ok(());
        }
        let mut failure = Failure::new(
            FailureKind::PromiseBroken,
            format!("backup '{}' is damaged", self.backup),
        );
        failure.causes = self.findings.iter().map(in_words).collect();
        Err(failure
            .left("the backup is as it was found")
            .hint("opsctl backup create")
            .hint("opsctl backup list")
            .runbook("runbooks/backup.md"))
    }
}

fn in_words(finding: &BackupFinding) -> String {
    format!("{}: {}", finding.file, finding.detail)
}

/// The same as far as it can be told without restoring anything.
///
/// # Errors
/// As [`soundness`].
pub async fn glance(
    backups: &dyn Backups,
    id: &BackupId,
    progress: &Progress<'_>,
) -> Result<Soundness> {
    Ok(Soundness {
        backup: id.clone(),
        findings: backups.glance(id, progress).await?,
    })
}

/// Compares every file of a backup with its manifest.
///
/// # Errors
/// When there is no such backup, or it can't be read at all.
pub async fn soundness(
    backups: &dyn Backups,
    id: &BackupId,
    progress: &Progress<'_>,
) -> Result<Soundness> {
    Ok(Soundness {
        backup: id.clone(),
        findings: backups.verify(id, progress).await?,
    })
}
