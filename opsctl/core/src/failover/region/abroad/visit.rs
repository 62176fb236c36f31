//! A user comes, writes and reads: with the first answer the environment serves again, and the clock of the RTO stops.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::Switched;
use super::admit::proven;
use crate::drill::Measured;
use crate::engine::{Step, StepContext, StepState};
use crate::failover::names::{SWITCH, VISIT};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Copy, Prober, Sent, World};
use crate::restore::names::step;

/// So long nobody may be answered after the way was opened: pods serve by then, only the way itself may take a moment.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two attempts.
const GLANCE: Duration = Duration::from_millis(200);
/// What is written: nothing else was before.
const NUMBER: u64 = 1;

/// What the user found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Visited {
    /// How often it came before it was answered.
    pub attempts: u32,
}

/// Lets the user come.
pub struct Visit {
    pub world: World,
}

#[async_trait]
impl Step for Visit {
    type Output = Measured<Visited>;

    fn name(&self) -> StepName {
        step(VISIT)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Measured<Visited>>> {
        Ok(StepState::Absent)
    }

    async fn apply(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
    ) -> Result<Measured<Visited>> {
        let switched: Measured<Switched> = context.outputs.get(SWITCH)?;
        match (proven(context)?, switched.worked()) {
            (Some(copy), Some(_)) => Measured::of(self.visit(context, permit, &copy)).await,
            _ => Ok(Measured::skipped()),
        }
    }
}

impl Visit {
    async fn visit(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        copy: &Copy,
    ) -> Result<Visited> {
        let until = Instant::now() + PATIENCE;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let answer = self.attempt(context, permit, copy).await;
            let Err(failure) = answer else {
                return Ok(Visited { attempts });
            };
            if let Some(reason) = context.interrupt.requested() {
                let stopped = Failure::new(FailureKind::Stopped, "stopped while a user came");
                return Err(stopped.cause(reason.to_string()));
            }
            if Instant::now() >= until {
                return Err(failure.in_context("no user is answered there"));
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn attempt(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        copy: &Copy,
    ) -> Result<()> {
        let visitor = self.world.abroad()?.visitor().await?;
        visitor.prepare(permit, &copy.location).await?;
        write_and_read(visitor.as_ref(), context, copy).await
    }
}

async fn write_and_read(
    visitor: &dyn Prober,
    context: &StepContext<'_>,
    copy: &Copy,
) -> Result<()> {
    let mut session = visitor.connect(&copy.location).await?;
    match session.write(context.operation, NUMBER).await {
        Sent::Acknowledged => {}
        Sent::Refused(words) | Sent::Unanswered(words) => {
            return Err(Failure::failed("a write is not taken").cause(words));
        }
    }
    match session.read(context.operation).await? {
        Some(NUMBER) => Ok(()),
        other => Err(Failure::failed("what was written is not read again")
            .cause(format!("{NUMBER} was written, {other:?} is read"))),
    }
}
