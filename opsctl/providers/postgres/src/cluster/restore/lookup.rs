//! Finding copies by name, and telling what they are. Changes nothing.

use opsctl_core::{Failure, FailureKind, Result, names::ScratchName, ports::Copy};

use super::Restorer;
use crate::cluster::record::{ClusterRecord, Promotion};

impl Restorer {
    /// What is told of a copy that is up.
    pub(super) fn describe(&self, record: &ClusterRecord, promotion: Promotion) -> Result<Copy> {
        let copy = record
            .copy
            .as_ref()
            .ok_or_else(|| Failure::failed("this cluster is no copy"))?;
        Ok(Copy {
            name: copy.name.clone(),
            location: self
                .local
                .layout
                .cluster(record.lineage_id)
                .administrator(record),
            lineage_id: record.lineage_id,
            recovered_to: copy.recovered_to,
            next_transaction_id: Some(promotion.next_transaction_id),
            timeline: Some(promotion.timeline),
        })
    }

    /// The copy of that name, which must be there.
    pub(super) fn require(&self, name: &ScratchName) -> Result<ClusterRecord> {
        self.find(name)?
            .ok_or_else(|| Failure::failed(format!("there is no copy {name}")))
    }

    /// The copy of that name, if there is one.
    pub(super) fn find(&self, name: &ScratchName) -> Result<Option<ClusterRecord>> {
        let mut found = self
            .local
            .records()?
            .into_iter()
            .filter(|record| record.copy.as_ref().is_some_and(|copy| copy.name == *name));
        let first = found.next();
        if found.next().is_some() {
            return Err(Failure::new(
                FailureKind::Unknown,
                format!("there are two copies {name}"),
            ));
        }
        Ok(first)
    }
}
