//! Following what runs from any terminal: told again when something changes, by watches.

use std::time::Duration;

use super::follow::Watching;
use super::prepare::workloads;
use super::release::Release;
use super::status::{Status, status_on};
use crate::engine::JournalView;
use crate::failure::Result;
use crate::ports::World;

/// What changes together is told together.
const TOGETHER: Duration = Duration::from_millis(300);
/// A release that ends need not change anything in the cluster: its journal is looked at so often while all is quiet.
const JOURNAL: Duration = Duration::from_secs(2);

/// Tells how things stand whenever that changes, until all serve and no release is under way; answers how they stand then.
///
/// # Errors
/// When the cluster or the store does not answer.
pub async fn watch_status(world: &World, tell: impl Fn(&Status)) -> Result<Status> {
    let settings = workloads(&world.environment)?;
    let mut watching = Watching::begin(world.cluster()?, &settings.namespace).await?;
    let mut last: Option<Status> = None;
    loop {
        let found = status_on(world, &watching).await?;
        let under_way = under_way(world, found.newest.as_ref()).await?;
        if found.healthy && !under_way {
            return Ok(found);
        }
        if last.as_ref() != Some(&found) {
            tell(&found);
        }
        last = Some(found);
        while !watching.changed(JOURNAL, TOGETHER).await {
            let newest = last.as_ref().and_then(|it| it.newest.as_ref());
            if under_way != self::under_way(world, newest).await? {
                break;
            }
        }
    }
}

/// Whether somebody works on it: one that was abandoned, or stopped, is not waited for.
async fn under_way(world: &World, newest: Option<&Release>) -> Result<bool> {
    let Some(release) = newest.filter(|it| it.closed.is_none()) else {
        return Ok(false);
    };
    let journal = JournalView::read(world.store.as_ref(), &release.opened.operation).await?;
    Ok(journal.is_open() && journal.stopped.is_none())
}
