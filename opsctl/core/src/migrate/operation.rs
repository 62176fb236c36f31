//! A migration as an operation, up or down.

use async_trait::async_trait;
use serde_json::json;

use super::outside::{Note, OneStatement, Outside};
use super::parts::{Part, Planned, parts};
use super::steps::{Create, Identify, OneMigration, Point, target_location};
use super::{MigrateInputs, Migration, Script, StatementRisk, Target};
use super::{assess, gate, of, status, tables_of};
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failure::{Failure, Result};
use crate::ports::World;

/// A migration, built from its plan.
pub struct Migrate {
    world: World,
    inputs: MigrateInputs,
    carried: Vec<Migration>,
    chosen: Vec<Migration>,
    parts: Vec<Planned>,
}

impl Migrate {
    /// The migration that `plan` describes.
    ///
    /// # Errors
    /// When this opsctl does not carry the planned migrations, byte for byte.
    pub fn new(plan: &Plan, world: &World) -> Result<Self> {
        let inputs: MigrateInputs = plan.inputs()?;
        Self::carrying(plan, world, of(inputs.engine))
    }

    /// The same, with other migrations than those that this opsctl carries.
    ///
    /// # Errors
    /// As [`Migrate::new`].
    pub fn carrying(plan: &Plan, world: &World, carried: Vec<Migration>) -> Result<Self> {
        let inputs: MigrateInputs = plan.inputs()?;
        let find = |(version, checksum): &(i64, String)| {
            let same = |m: &&Migration| m.version == *version && m.checksum() == *checksum;
            carried.iter().find(same).cloned().ok_or_else(|| {
                let what = format!("this opsctl does not carry the planned migration {version:04}");
                Failure::refused(what).hint("use the opsctl that made the plan, or plan again")
            })
        };
        let chosen: Vec<Migration> = inputs.versions.iter().map(find).collect::<Result<_>>()?;
        let parts = parts(inputs.engine, &chosen, inputs.down)?;
        Ok(Self {
            world: world.clone(),
            inputs,
            carried,
            chosen,
            parts,
        })
    }

    /// What the statements would do to the tables as they are now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn risks(&self) -> Result<Vec<StatementRisk>> {
        let Target::Existing { location, .. } = &self.inputs.target else {
            return Ok(Vec::new());
        };
        let script = match self.inputs.down {
            true => Script::down,
            false => Script::up,
        };
        let scripts: Vec<Script> = self.chosen.iter().map(script).collect();
        let (engine, settings) = (self.inputs.engine, &self.world.environment.settings);
        let tables = tables_of(engine, &scripts);
        let facts = self.world.schema.facts(location, &tables).await?;
        let limit = settings.migrate.risky_above_bytes;
        Ok(assess(engine, &scripts, &facts, limit))
    }

    fn step(&self, planned: &Planned) -> Box<dyn ErasedStep> {
        let (world, migration) = (self.world.clone(), planned.migration.clone());
        let (step, inputs) = (planned.step.clone(), self.inputs.clone());
        let target = inputs.target.clone();
        match planned.part.clone() {
            Part::Whole => erase(OneMigration {
                step,
                world,
                migration,
                inputs,
            }),
            Part::Statement(statement) => erase(OneStatement {
                step,
                within: Outside {
                    world,
                    migration,
                    target,
                },
                statement,
            }),
            Part::Note => erase(Note {
                step,
                within: Outside {
                    world,
                    migration,
                    target,
                },
            }),
        }
    }
}

#[async_trait]
impl Operation for Migrate {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let mut steps: Vec<Box<dyn ErasedStep>> = Vec::new();
        if let Target::New(new) = &self.inputs.target {
            steps.push(erase(Create {
                world: self.world.clone(),
                new: new.clone(),
            }));
        }
        steps.extend(self.parts.iter().map(|planned| self.step(planned)));
        if let Target::New(new) = &self.inputs.target {
            steps.push(erase(Identify {
                world: self.world.clone(),
                new: new.clone(),
            }));
            steps.push(erase(Point {
                world: self.world.clone(),
                new: new.clone(),
            }));
        }
        steps
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let Some(location) = target_location(&self.inputs.target, &Outputs::default())? else {
            return Ok(Vec::new());
        };
        let applied = self.world.schema.applied(&location).await?;
        let version = status(&self.carried, applied).version();
        let value = version.to_string();
        Ok(vec![Precondition {
            name: "schema".into(),
            value,
            until: None,
        }])
    }

    /// A plan may be old, and a table that was small when it was made may have grown.
    async fn admits(&self) -> Result<()> {
        let risks = self.risks().await?;
        gate(&risks, &self.inputs.accepted, &self.inputs.command())
    }

    fn conclude(&self, _: &Outputs) -> Result<Conclusion> {
        let titles: Vec<String> = self.chosen.iter().map(Migration::title).collect();
        let done = if self.inputs.down {
            "reverted"
        } else {
            "applied"
        };
        Ok(Conclusion::kept(json!({ done: titles })))
    }
}
