//! The promises of an environment as measurements: what was promised, and since when each was last kept. Alerts hold the one against
//! the other.
//!
//! Owns the measures and their text. Judges nothing, changes nothing.

mod text;

use crate::clock::Timestamp;
use crate::environment::Span;
use crate::evidence::newest_passed;
use crate::failure::Result;
use crate::names::EnvironmentName;
use crate::ports::World;
use crate::schedule::{Task, allowed};

pub use text::render;

/// One promise, and when it was last kept; None: never.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// Of what: the name of a drill or a secret.
    pub name: String,
    /// How old it may be.
    pub promise: Span,
    pub last: Option<Timestamp>,
}

/// How long ago a scheduled run may have ended well.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Allowed {
    pub cron_job: &'static str,
    pub within: Span,
}

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Measures {
    pub environment: EnvironmentName,
    pub measured_at: Timestamp,
    pub rto: Span,
    pub rpo: Span,
    pub retention: Span,
    /// When the data of the newest backup was taken.
    pub newest_backup: Option<Timestamp>,
    pub backups: u64,
    pub unreadable_backups: u64,
    pub drills: Vec<Kept>,
    pub secrets: Vec<Kept>,
    pub schedule: Vec<Allowed>,
}

/// Measures. Reads records alone, so that it may be asked every minute.
///
/// # Errors
/// When backups or evidence can't be listed.
pub async fn measure(world: &World) -> Result<Measures> {
    let promises = world.environment.promises;
    // Not what `backup list` tells: who needs which backup, and what lies elsewhere, is a read each, and measured by nobody.
    let (backups, unreadable) = world.backups.list().await?;
    let taken = backups.iter().map(|it| it.recovery_point.taken_at);
    let mut drills = Vec::new();
    for (name, promise) in [
        ("restore", promises.restore_drill),
        ("failover", promises.failover_drill),
    ] {
        let passed = newest_passed(world.store.as_ref(), name).await?;
        drills.push(Kept {
            name: name.to_owned(),
            promise,
            last: passed.map(|evidence| evidence.finished_at),
        });
    }
    Ok(Measures {
        environment: world.environment.name.clone(),
        measured_at: world.clock.now(),
        rto: promises.rto,
        rpo: promises.rpo,
        retention: promises.retention,
        newest_backup: taken.max(),
        backups: backups.len() as u64,
        unreadable_backups: unreadable.len() as u64,
        drills,
        secrets: secrets(world).await?,
        schedule: scheduled(world),
    })
}

/// What runs by itself, and how often at least.
fn scheduled(world: &World) -> Vec<Allowed> {
    let settings = world.environment.settings.schedule.as_ref();
    let tasks = settings.into_iter().flat_map(|schedule| {
        let timings = Task::ALL.map(|task| (task, task.timing(schedule)));
        timings.into_iter()
    });
    let runs = tasks.filter_map(|(task, timing)| Some((task, timing?)));
    runs.map(|(task, timing)| Allowed {
        cron_job: task.cron_job(),
        within: Span(allowed(timing)),
    })
    .collect()
}

/// Since when each secret is what it is. Where opsctl keeps none there is nothing to be late with.
async fn secrets(world: &World) -> Result<Vec<Kept>> {
    let Some(ports) = &world.secrets else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for kind in ports.store.kinds() {
        if let Some(changed) = ports.store.changed(kind).await? {
            all.push(Kept {
                name: kind.to_string(),
                promise: kind.may_be(&world.environment.promises),
                last: changed.at,
            });
        }
    }
    Ok(all)
}
