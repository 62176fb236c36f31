//! A platform with a backup of every day behind it.

use std::sync::Arc;
use std::time::Duration;

use opsctl_core::Result;
use opsctl_core::backup::{PruneObserved, Source, plan_create, plan_prune};
use opsctl_core::clock::Clock;
use opsctl_core::engine::{EventSink, Plan, Progress};
use opsctl_core::names::{OperationId, StepName};
use opsctl_core::state::StateStore;
use opsctl_simulation::{MemoryStore, Platform};

use crate::restore::stage::Stage;

pub const DAY: Duration = Duration::from_secs(86_400);

pub fn empty() -> Stage {
    let platform = Platform::new();
    platform
        .write("users", &["ada", "ada@example.org"])
        .unwrap();
    let store: Arc<dyn StateStore> = Arc::new(MemoryStore::default());
    Stage { platform, store }
}

/// So many daily backups, the newest of today: `day-0` is the oldest.
pub fn daily(days: u32) -> Stage {
    let stage = empty();
    let clock = &stage.platform.clock;
    let today = clock.now();
    for day in 0..days {
        clock.set(today.minus(DAY * (days - 1 - day)));
        assert_eq!(
            stage.platform.back_up(&format!("day-{day}")).as_str(),
            format!("day-{day}")
        );
    }
    stage
}

pub async fn plan_a_prune(stage: &Stage, id: &str) -> Result<Plan> {
    let world = stage.world();
    let (operation, step) = (OperationId::new(id)?, StepName::new("look")?);
    let events = EventSink::silent();
    let progress = Progress::new(&step, &operation, &events, world.clock.as_ref());
    let observed = PruneObserved::see(&world, operation.clone(), "0.1.0", &progress).await?;
    plan_prune(&observed, &world.environment)
}

pub async fn plan_a_backup(stage: &Stage, id: &str) -> Result<Plan> {
    let world = stage.world();
    plan_create(&Source {
        operation: OperationId::new(id)?,
        environment: world.environment.name.clone(),
        now: world.clock.now(),
        descriptor: world.pointer.read().await?,
        newest: world.backups.list().await?.0.pop(),
        opsctl_version: "0.1.0".into(),
    })
}

pub async fn names(stage: &Stage) -> Vec<String> {
    let (records, _) = stage.world().backups.list().await.unwrap();
    records.iter().map(|record| record.id.to_string()).collect()
}
