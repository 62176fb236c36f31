//! What level `reconciliation` found, and the verdict on it.

use super::LevelName;
use super::levels::listed;
use crate::evidence::{Level, TableReconciliation};

/// What the level found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Every table that was compared.
    pub(super) tables: Vec<TableReconciliation>,
    /// Rows that no trace explains, in words.
    pub(super) faults: Vec<String>,
    /// Tables that were sampled, with what that can find.
    pub(super) shares: Vec<String>,
    /// Tables that were left apart, with the reason.
    pub(super) apart: Vec<String>,
}

impl Found {
    /// The verdict of the level.
    pub(super) fn level(&self) -> Level {
        if !self.faults.is_empty() {
            return LevelName::Reconciliation.failed(listed(&self.faults));
        }
        let (mut rows, mut explained, mut unprovable) = (0, 0, 0);
        for table in &self.tables {
            rows += table.rows;
            explained += table.explained;
            unprovable += table.unprovable;
        }
        let mut detail = format!(
            "{rows} rows in {} tables; {explained} differ and are explained, {unprovable} differ where no \
             trace exists",
            self.tables.len()
        );
        for more in self.apart.iter().chain(&self.shares) {
            detail.push_str("; ");
            detail.push_str(more);
        }
        if self.shares.is_empty() {
            LevelName::Reconciliation.passed(detail)
        } else {
            LevelName::Reconciliation.sampled(detail)
        }
    }
}
