//! The steps of a migration that runs without a transaction: a statement each, and the note at the end.

use async_trait::async_trait;

use super::steps::target_location;
use super::{Migration, Statement, Target};
use crate::engine::{Outputs, Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Location, World};

/// A migration and the database that it changes.
pub(super) struct Outside {
    pub world: World,
    pub migration: Migration,
    pub target: Target,
}

impl Outside {
    fn location(&self, outputs: &Outputs) -> Result<Location> {
        target_location(&self.target, outputs)?
            .ok_or_else(|| Failure::failed("the database was not made"))
    }

    async fn is_noted(&self, at: &Location) -> Result<bool> {
        let applied = self.world.schema.applied(at).await?;
        Ok(applied
            .iter()
            .any(|has| has.version == self.migration.version))
    }
}

pub(super) struct OneStatement {
    pub step: StepName,
    pub within: Outside,
    pub statement: Statement,
}

#[async_trait]
impl Step for OneStatement {
    type Output = String;

    fn name(&self) -> StepName {
        self.step.clone()
    }

    /// A dead run that journaled nothing may have run it: the catalogue knows.
    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<String>> {
        let at = self.within.location(context.outputs)?;
        let done = self.within.is_noted(&at).await?
            || self
                .within
                .world
                .schema
                .took_effect(&at, &self.statement)
                .await?;
        Ok(match done {
            true => StepState::Done(self.statement.sql.clone()),
            false => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<String> {
        let at = self.within.location(context.outputs)?;
        let (schema, migration) = (&self.within.world.schema, &self.within.migration);
        schema
            .run_statement(permit, &at, migration, &self.statement)
            .await?;
        Ok(self.statement.sql.clone())
    }

    async fn verify(&self, context: &StepContext<'_>, _: &String) -> Result<()> {
        match self.check(context).await? {
            StepState::Done(_) => Ok(()),
            _ => Err(Failure::new(
                FailureKind::Unknown,
                format!("{} ran and left no trace", self.step),
            )
            .cause(self.statement.sql.clone())),
        }
    }
}

pub(super) struct Note {
    pub step: StepName,
    pub within: Outside,
}

#[async_trait]
impl Step for Note {
    type Output = String;

    fn name(&self) -> StepName {
        self.step.clone()
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<String>> {
        let at = self.within.location(context.outputs)?;
        Ok(match self.within.is_noted(&at).await? {
            true => StepState::Done(self.within.migration.title()),
            false => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<String> {
        let at = self.within.location(context.outputs)?;
        let migration = &self.within.migration;
        self.within
            .world
            .schema
            .note(permit, &at, migration)
            .await?;
        Ok(migration.title())
    }
}
