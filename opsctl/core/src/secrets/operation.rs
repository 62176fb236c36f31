//! A rotation as an operation, built from its plan.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::inputs::{Goal, Retiring, RotateInputs};
use super::parts::{self, Part, Work, parts};
use super::plan::precondition;
use super::steps::{
    Administrator, Drop, Follow, Followed, Idle, LogIn, Move, Password, Prepare, Put, Retire, Tell,
    Told,
};
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failure::{Failure, Result};
use crate::ports::{SecretValue, Stage, World};

/// A rotation, or the drill of one.
pub struct Rotate {
    world: World,
    inputs: RotateInputs,
    given: Option<SecretValue>,
}

impl Rotate {
    /// The rotation that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        Ok(Self {
            world: world.clone(),
            inputs: plan.inputs()?,
            given: None,
        })
    }

    /// With the value that whoever runs it gave. It is in no plan.
    #[must_use]
    pub fn with(mut self, given: Option<SecretValue>) -> Self {
        self.given = given;
        self
    }

    fn step(&self, part: Part) -> Result<Box<dyn ErasedStep>> {
        let (name, world, kind) = (part.step, self.world.clone(), self.inputs.kind);
        let inputs = self.inputs.clone();
        Ok(match part.work {
            Work::Prepare => erase(Prepare { name, world }),
            Work::Put => erase(Put {
                name,
                world,
                inputs,
                given: self.given.clone(),
            }),
            Work::Drop { unfit } => erase(Drop {
                name,
                world,
                kind,
                stage: Stage::Pending,
                version: match (unfit, inputs.unfit) {
                    (true, Some(unfit)) => unfit,
                    _ => inputs.version,
                },
            }),
            Work::Idle => erase(self.idle(name)?),
            Work::Password => erase(Password(self.idle(name)?)),
            Work::LogIn => erase(LogIn(self.idle(name)?)),
            Work::Administrator => erase(Administrator {
                name,
                world,
                inputs,
            }),
            Work::Tell => erase(Tell { name, world, kind }),
            Work::Follow { told, left } => erase(Follow {
                name,
                world,
                kind,
                told,
                left,
                within: inputs.within,
            }),
            Work::Move { back } => erase(self.movement(name, back)?),
            Work::Retire => erase(Retire {
                name,
                world,
                inputs,
            }),
        })
    }

    fn idle(&self, name: &'static str) -> Result<Idle> {
        let change = self.inputs.logins.clone();
        Ok(Idle {
            name,
            world: self.world.clone(),
            inputs: self.inputs.clone(),
            change: change.ok_or_else(|| Failure::usage("the plan names no logins"))?,
        })
    }

    fn movement(&self, name: &'static str, back: bool) -> Result<Move> {
        let (world, kind) = (self.world.clone(), self.inputs.kind);
        let (before, version) = (self.inputs.before.clone(), self.inputs.version.clone());
        if back {
            let to = before.ok_or_else(|| Failure::usage("the plan names no way back"))?;
            let from = Some(version);
            return Ok(Move {
                name,
                world,
                kind,
                from,
                to,
                proof: None,
            });
        }
        let proof = match self.inputs.logins {
            Some(_) => Some(LogIn(self.idle(name)?)),
            None => None,
        };
        Ok(Move {
            name,
            world,
            kind,
            from: before,
            to: version,
            proof,
        })
    }

    fn drilled(&self, outputs: &Outputs) -> Result<Option<Value>> {
        if self.inputs.goal == Goal::Rotate {
            return Ok(None);
        }
        let way = |tell: &str, follow: &str| -> Result<f64> {
            let (told, followed): (Told, Followed) = (outputs.get(tell)?, outputs.get(follow)?);
            Ok(told.at.age(followed.at).as_secs_f64())
        };
        Ok(Some(json!({
            "there_seconds": way(parts::TELL, parts::FOLLOW)?,
            "back_seconds": way(parts::TELL_BACK, parts::FOLLOW_BACK)?,
        })))
    }
}

#[async_trait]
impl Operation for Rotate {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        // A part whose step can't be made has none: the walk says that the plan names a step that does not exist.
        let all = parts(&self.inputs).into_iter();
        all.filter_map(|part| self.step(part).ok()).collect()
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let store = &self.world.secrets()?.store;
        let facts = store.describe(self.inputs.kind).await?.unwrap_or_default();
        Ok(vec![precondition(self.inputs.kind, &facts)])
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let inputs = &self.inputs;
        let (last, current) = match inputs.goal {
            Goal::Rotate => (parts::FOLLOW, Some(&inputs.version)),
            Goal::Drill => (parts::FOLLOW_BACK, inputs.before.as_ref()),
        };
        let followed: Followed = outputs.get(last)?;
        let retiring: Option<Retiring> = outputs.find(parts::RETIRE)?;
        Ok(Conclusion::kept(json!({
            "environment": self.world.environment.name,
            "secret": inputs.kind,
            "current": current,
            "before": inputs.before,
            "login": inputs.logins.as_ref().map(|logins| match inputs.goal {
                Goal::Rotate => &logins.to,
                Goal::Drill => &logins.from,
            }),
            "processes": followed.processes,
            "drill": self.drilled(outputs)?,
            "before_needed_until": retiring.map(|retiring| retiring.needed_until),
        })))
    }
}
