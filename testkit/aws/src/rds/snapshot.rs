//! One snapshot, taken or copied.

use std::{collections::BTreeMap, sync::Arc};

use testkit::postgres::BaseBackup;

use super::{course::Course, settings::Settings, state::Id};
use crate::clock::Moment;

/// Who wanted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Manual,
    Automated,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automated => "automated",
        }
    }
}

/// What happens at the end of a state on a snapshot's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// The base backup is there.
    Taken,
    /// The copy is there.
    Copied,
}

/// Where a copy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub arn: String,
    pub region: String,
}

pub(super) struct Snapshot {
    pub id: Id,
    pub kind: Kind,
    pub instance: String,
    pub resource_id: String,
    pub instance_created_at: Option<Moment>,
    pub settings: Settings,
    pub tags: BTreeMap<String, String>,
    /// Of this one; a copy has a date of its own.
    pub created_at: Option<Moment>,
    /// Of the one that all copies come from.
    pub first_created_at: Option<Moment>,
    /// The newest data in it.
    pub data_at: Option<Moment>,
    pub data: Option<Arc<BaseBackup>>,
    pub origin: Option<Origin>,
    /// Behind another copy of the same database.
    pub queued: bool,
    pub failed: bool,
    pub course: Course<Done>,
}

impl Snapshot {
    pub fn status(&self) -> &'static str {
        match (self.failed, self.queued) {
            (true, _) => "failed",
            (false, true) => "creating",
            (false, false) => self.course.status().unwrap_or("available"),
        }
    }

    /// While a copy waits for its turn, nothing of it can be seen.
    pub fn percent(&self, now: Moment) -> u8 {
        match self.queued {
            true => 0,
            false => self.course.percent(now),
        }
    }
}
