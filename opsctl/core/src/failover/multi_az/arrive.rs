//! Waits until the standby serves: the service says so, it is another zone, and SQL is answered with a write.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use super::super::drill::SharedDrill;
use super::super::names::{ARRIVE, OBSERVE};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Availability, Standing};
use crate::restore::names::step;

/// Typically a minute or two.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// Waits.
pub struct Arrive(pub SharedDrill);

impl Arrive {
    /// Whether the database takes writes.
    async fn writes(&self) -> Result<bool> {
        let old = &self.0.inputs.old;
        let database = self.0.world.databases.open(&old.administrator).await?;
        let right = database
            .identity()
            .await
            .map(|found| found.is_some_and(|identity| identity.lineage_id == old.lineage_id));
        let refused = database.try_write().await;
        database.close().await;
        Ok(right? && refused?.is_none())
    }

    async fn arrived(&self, before: &Standing, now: &Standing) -> bool {
        let there = now.availability == Availability::Available && now.failed_over_since(before);
        there && self.writes().await.unwrap_or(false)
    }
}

#[async_trait]
impl Step for Arrive {
    type Output = Standing;

    fn name(&self) -> StepName {
        step(ARRIVE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Standing>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<Standing> {
        let before: Standing = context.outputs.get(OBSERVE)?;
        let (begun, mut last) = (Instant::now(), String::new());
        loop {
            // A question that goes wrong is asked again: the failover goes on all the same.
            if let Ok(now) = self.0.standby()?.look().await {
                if now.status != last {
                    now.status.clone_into(&mut last);
                    let what = format!("instance '{}' is {}", now.instance, now.status);
                    context.progress.note(what);
                }
                if now.availability == Availability::DeadEnd {
                    return Err(Failure::failed(format!(
                        "instance '{}' is {} and does not get out of that by itself",
                        now.instance, now.status
                    )));
                }
                if self.arrived(&before, &now).await {
                    return Ok(now);
                }
            }
            if let Some(reason) = context.interrupt.requested() {
                return Err(Failure::new(FailureKind::Stopped, reason.to_string()));
            }
            if begun.elapsed() >= LIMIT {
                let limit = crate::environment::Span(LIMIT);
                return Err(
                    Failure::failed(format!("the standby does not serve within {limit}"))
                        .cause(format!("the instance is {last}")),
                );
            }
            context.progress.at(begun.elapsed().as_secs(), 0, "seconds");
            sleep(self.0.inputs.pace.poll.0).await;
        }
    }
}
