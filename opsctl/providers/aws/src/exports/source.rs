//! Where an export is read: the replica of the instance that serves, which nobody waits for, or that instance itself.

use std::time::Duration;

use aws_sdk_rds::types::DbInstance;
use opsctl_core::clock::Timestamp;
use opsctl_core::engine::Progress;
use opsctl_core::ports::{Descriptor, Dump, Dumps};
use opsctl_core::{Failure, Result};

use crate::rds::{RdsSite, instances};

/// A replica that has heard of nothing for so long is asked nothing: it may have stopped following.
const SILENT: Duration = Duration::from_secs(3600);

/// A dump that has begun.
pub struct Begun {
    pub dump: Dump,
    /// The instance.
    pub source: String,
}

fn replica<'a>(all: &'a [DbInstance], of: &DbInstance) -> Option<&'a DbInstance> {
    let name = instances::name(of);
    all.iter().find(|it| {
        instances::is_replica_of(it, name) && it.db_instance_status() == Some("available")
    })
}

/// Begins one.
pub async fn begin(
    site: &RdsSite,
    dumps: &dyn Dumps,
    now: Timestamp,
    progress: &Progress<'_>,
) -> Result<Begun> {
    let serving = site.serving().await?;
    let all = instances::all(site).await?;
    if let Some(replica) = replica(&all, &serving.instance) {
        let begun = from(site, dumps, replica, &serving.descriptor).await;
        match begun {
            Ok(begun) if begun.dump.facts.taken_at.age(now) <= SILENT => return Ok(begun),
            Ok(_) => progress.warn(
                "the replica has heard of nothing for an hour: the instance that serves is read",
            ),
            Err(failure) => progress.warn(format!(
                "the replica can't be read, the instance that serves is: {failure}"
            )),
        }
    }
    from(site, dumps, &serving.instance, &serving.descriptor).await
}

async fn from(
    site: &RdsSite,
    dumps: &dyn Dumps,
    instance: &DbInstance,
    descriptor: &Descriptor,
) -> Result<Begun> {
    let at = instances::administrator(&site.ways, instance)?;
    let dump = dumps.begin(&at).await?;
    let found = dump.identity.lineage_id;
    if found != descriptor.lineage_id {
        return Err(Failure::refused(format!(
            "the database that answers is lineage {found}, the descriptor names {}",
            descriptor.lineage_id
        ))
        .left("nothing was written")
        .hint(format!("opsctl --env {} doctor", site.environment)));
    }
    let source = instances::name(instance).to_owned();
    Ok(Begun { dump, source })
}
