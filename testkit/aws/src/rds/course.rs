//! What the work behind an instance's or a snapshot's states brings about.

use anyhow::{Context, Result};
use testkit::postgres::BaseBackup;

use super::cluster::Cluster;
use crate::{clock::Moment, course};

/// The states before an instance or a snapshot.
pub(super) type Course<E> = course::Course<E, Product>;
/// One of them.
pub(super) type Phase<E> = course::Phase<E, Product>;

/// What real work brings about.
#[derive(Debug, Default)]
pub(super) enum Product {
    #[default]
    Nothing,
    Server(Box<Cluster>),
    /// With the moments, by the machine's clock, before it began and after it ended.
    Backup(BaseBackup, [Moment; 2]),
}

impl Product {
    pub fn server(self) -> Result<Cluster> {
        match self {
            Self::Server(cluster) => Ok(*cluster),
            _ => Err(anyhow::anyhow!("the work brought no server")),
        }
    }

    pub fn backup(self) -> Result<(BaseBackup, [Moment; 2])> {
        match self {
            Self::Backup(backup, moments) => Some((backup, moments)),
            _ => None,
        }
        .context("the work brought no backup")
    }
}
