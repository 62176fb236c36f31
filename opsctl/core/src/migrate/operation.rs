//! A migration as an operation, up or down.

use async_trait::async_trait;
use serde_json::json;

use super::steps::{Create, Identify, OneMigration, Point, target_location};
use super::{MigrateInputs, Migration, Target, of, status};
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failure::{Failure, Result};
use crate::ports::World;

/// A migration, built from its plan.
pub struct Migrate {
    world: World,
    inputs: MigrateInputs,
    chosen: Vec<Migration>,
}

impl Migrate {
    /// The migration that `plan` describes.
    ///
    /// # Errors
    /// When this opsctl does not carry the planned migrations, byte for byte.
    pub fn new(plan: &Plan, world: &World) -> Result<Self> {
        let inputs: MigrateInputs = plan.inputs()?;
        let carried = of(inputs.engine);
        let find = |(version, checksum): &(i64, String)| {
            let same = |m: &&Migration| m.version == *version && m.checksum() == *checksum;
            carried.iter().find(same).cloned().ok_or_else(|| {
                let what = format!("this opsctl does not carry the planned migration {version:04}");
                Failure::refused(what).hint("use the opsctl that made the plan, or plan again")
            })
        };
        let chosen = inputs.versions.iter().map(find).collect::<Result<_>>()?;
        Ok(Self {
            world: world.clone(),
            inputs,
            chosen,
        })
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
        for migration in &self.chosen {
            steps.push(erase(OneMigration {
                world: self.world.clone(),
                migration: migration.clone(),
                inputs: self.inputs.clone(),
            }));
        }
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
        let version = status(&of(self.inputs.engine), applied).version();
        let value = version.to_string();
        Ok(vec![Precondition {
            name: "schema".into(),
            value,
            until: None,
        }])
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
