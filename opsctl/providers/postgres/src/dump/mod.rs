//! Logical dumps by PostgreSQL's own programs: read out of a database as `pg_dump` writes them, and tried out in a server that lives
//! for the trial alone.
//!
//! Never holds a dump as a whole, in memory or on a disk.

mod program;
mod reading;
mod snapshot;
mod trial;
mod writing;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::ports::{Chunks, Databases, Dump, DumpFacts, Dumps, Location};

use crate::cluster::SearchPlaces;
use crate::databases::PostgresDatabases;

/// Dumps by the programs of this machine.
#[derive(Debug, Clone)]
pub struct PostgresDumps {
    places: SearchPlaces,
}

impl PostgresDumps {
    /// With the programs that are found there.
    #[must_use]
    pub const fn new(places: SearchPlaces) -> Self {
        Self { places }
    }
}

#[async_trait]
impl Dumps for PostgresDumps {
    async fn begin(&self, from: &Location) -> Result<Dump> {
        let tools = program::Tools::find(&self.places)?;
        let database = PostgresDatabases.open(from).await?;
        let identity = database.identity().await;
        database.close().await;
        let identity = identity?.ok_or_else(|| {
            opsctl_core::Failure::refused("the database does not say which one it is")
                .left("nothing was written")
                .hint("opsctl migrate up")
        })?;
        let mut snapshot = snapshot::Snapshot::take(from).await?;
        let facts = snapshot.facts(tools.version()?).await?;
        let chunks = reading::Reading::begin(&tools, from, snapshot)?;
        Ok(Dump {
            identity,
            facts,
            chunks: Box::new(chunks),
        })
    }

    async fn try_out(&self, dump: Box<dyn Chunks>, facts: &DumpFacts) -> Result<Vec<String>> {
        let tools = program::Tools::find(&self.places)?;
        let trial = trial::Trial::begin(&tools).await?;
        let written = writing::write(&tools, &trial, dump).await?;
        match written {
            writing::Written::Whole => trial.compare(facts).await,
            writing::Written::Refused(words) => Ok(words),
        }
    }
}
