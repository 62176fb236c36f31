//! Looks at the database that was set aside, and at what going back to it would discard.

use super::super::observe::{Live, identity};
use crate::failure::{Failure, Result};
use crate::lineage::{LineageRegister, SetAside};
use crate::ports::{DatabaseIdentity, TableDifference, World};

/// So many keys a table are listed in a plan.
const LISTED: u32 = 10;

/// The database that was set aside last.
#[derive(Debug, Clone)]
pub struct Aside {
    /// What the record says of it.
    pub record: SetAside,
    /// What it says of itself, or why it says nothing.
    pub answer: std::result::Result<DatabaseIdentity, Failure>,
    /// How the serving database (*first*) differs from it (*second*).
    pub differences: std::result::Result<Vec<TableDifference>, Failure>,
}

impl Aside {
    /// Looks.
    ///
    /// # Errors
    /// Refuses where nothing was ever set aside.
    pub async fn see(world: &World, live: &Live) -> Result<Self> {
        let name = &world.environment.name;
        let register = LineageRegister::load(world.store.as_ref()).await?;
        let record = register.newest_set_aside().cloned().ok_or_else(|| {
            Failure::refused(format!("'{name}' has nothing to go back to"))
                .cause("no database of it was ever set aside by a cut-over")
                .left("nothing was changed")
        })?;
        let answer = identity(world, &record.administrator).await;
        let rows = &world.rows;
        let differences = rows
            .differences(&live.administrator, &record.administrator, LISTED)
            .await;
        Ok(Self {
            record,
            answer,
            differences,
        })
    }
}
