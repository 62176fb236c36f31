//! `opsctl restore set-aside remove`: ends a database that a cut-over set aside, and all that only it holds.

use async_trait::async_trait;
use serde_json::json;

use super::super::actions::action;
use super::super::facts;
use super::super::names::{FORGET, REMOVE, step};
use super::super::observe::{Live, identity};
use crate::engine::{
    Basis, Conclusion, Effect, ErasedStep, Fact, Operation, OperationKind, Outputs, Plan,
    Precondition, Severity, Step, StepContext, StepState, erase,
};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::lineage::{Fence, LineageRegister, SetAside};
use crate::names::{LineageId, ResourceName, StepName};
use crate::ports::{DatabaseRole, TableDifference, World};

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    database: SetAside,
}

/// A database that was set aside, and what would be lost with it.
#[derive(Debug, Clone)]
pub struct Doomed {
    /// What the record says of it.
    pub record: SetAside,
    /// True when `restore undo` goes back to it.
    pub undo_needs_it: bool,
    /// How it (*first*) differs from the serving database (*second*), or why that can't be told.
    pub differences: std::result::Result<Vec<TableDifference>, Failure>,
}

impl Doomed {
    /// Looks at the database of that lineage.
    ///
    /// # Errors
    /// Refuses the one that serves, and one that was never set aside.
    pub async fn see(world: &World, live: &Live, lineage: LineageId) -> Result<Self> {
        const LISTED: u32 = 1;
        let name = &world.environment.name;
        let register = LineageRegister::load(world.store.as_ref()).await?;
        let refuse = |what: String| {
            let hint = format!("opsctl --env {name} restore set-aside list");
            Failure::refused(what)
                .left("nothing was changed")
                .hint(hint)
        };
        let serves = live.descriptor.lineage_id == lineage
            || register
                .current
                .as_ref()
                .is_some_and(|now| now.lineage_id == lineage);
        if serves {
            return Err(refuse(format!("lineage {lineage} serves '{name}'")));
        }
        let found = register
            .set_aside
            .iter()
            .find(|aside| aside.lineage_id == lineage);
        let record = found
            .cloned()
            .ok_or_else(|| refuse(format!("no database of lineage {lineage} was set aside")))?;
        let differences = world
            .rows
            .differences(&record.administrator, &live.administrator, LISTED)
            .await;
        let newest = register.newest_set_aside();
        Ok(Self {
            undo_needs_it: newest.is_some_and(|aside| aside.lineage_id == lineage),
            record,
            differences,
        })
    }
}

/// Plans to remove it.
///
/// # Errors
/// Never for a database that [`Doomed::see`] saw.
pub fn plan_removal(basis: &Basis<'_>, live: &Live, doomed: &Doomed) -> Result<Plan> {
    let inputs = Inputs {
        database: doomed.record.clone(),
    };
    let object = format!("database of lineage {}", doomed.record.lineage_id);
    let mut descriptor = facts::descriptor_precondition(Some(&live.descriptor));
    descriptor.until = None;
    let told = "remove its files; what only it holds is gone for good";
    Ok(Plan {
        severity: Severity::Severe,
        // A cut-over or an undo that is open may still need it.
        resources: vec![ResourceName::new("database")?],
        actions: vec![
            action(REMOVE, Effect::Destroy, &object, told),
            action(
                FORGET,
                Effect::Change,
                "record of databases",
                "strike it out",
            ),
        ],
        preconditions: vec![descriptor],
        context: context(doomed),
        point_of_no_return: Some(step(REMOVE)),
        ..Plan::of(OperationKind::RestoreSetAside, basis, &inputs)?
    })
}

fn context(doomed: &Doomed) -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact {
        name: name.into(),
        value,
    };
    let record = &doomed.record;
    let since = format!("{} by {}", record.since, record.by);
    let mut facts = vec![fact("set aside", since)];
    if doomed.undo_needs_it {
        let word =
            "this is the database that `restore undo` goes back to: there is no way back after";
        facts.push(fact("undo", word.into()));
    }
    match &doomed.differences {
        Err(failure) => facts.push(fact("only there", format!("can't be told: {failure}"))),
        Ok(tables) => {
            let only = |table: &&TableDifference| table.only_first + table.changed > 0;
            let lost: Vec<_> = tables.iter().filter(only).collect();
            if lost.is_empty() {
                facts.push(fact("only there", "nothing".into()));
            }
            facts.extend(lost.iter().map(|table| {
                let (rows, changed) = (table.only_first, table.changed);
                let name = format!("only there in {}", table.table);
                fact(
                    &name,
                    format!("{rows} rows, and {changed} in another version"),
                )
            }));
        }
    }
    facts
}

/// A removal that can run.
pub struct RemoveSetAside {
    world: World,
    inputs: Inputs,
}

impl RemoveSetAside {
    /// The operation that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        Ok(Self {
            world: world.clone(),
            inputs: plan.inputs()?,
        })
    }
}

#[async_trait]
impl Operation for RemoveSetAside {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let (world, database) = (|| self.world.clone(), || self.inputs.database.clone());
        vec![
            erase(Remove {
                world: world(),
                database: database(),
            }),
            erase(Forget {
                world: world(),
                lineage: self.inputs.database.lineage_id,
            }),
        ]
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let found = self.world.pointer.read().await?;
        Ok(vec![facts::descriptor_precondition(found.as_ref())])
    }

    fn conclude(&self, _: &Outputs) -> Result<Conclusion> {
        let removed = self.inputs.database.lineage_id;
        Ok(Conclusion::kept(json!({ "removed": removed })))
    }
}

struct Remove {
    world: World,
    database: SetAside,
}

impl Remove {
    /// The database that answers there, when one does: it must still be the one that was set aside.
    async fn still_aside(&self) -> Result<()> {
        let lineage = self.database.lineage_id;
        let Ok(found) = identity(&self.world, &self.database.administrator).await else {
            return Ok(());
        };
        // One that was cut off unreachable was never told that it is superseded.
        let told = self.database.fence == Fence::Owed || found.role == DatabaseRole::Superseded;
        if found.lineage_id == lineage && told {
            return Ok(());
        }
        let answers = format!(
            "lineage {} answers there as {}",
            found.lineage_id,
            found.role.as_str()
        );
        Err(
            Failure::refused(format!("lineage {lineage} is not set aside any more"))
                .cause(answers)
                .hint(format!(
                    "opsctl --env {} doctor",
                    self.world.environment.name
                )),
        )
    }
}

#[async_trait]
impl Step for Remove {
    type Output = ();

    fn name(&self) -> StepName {
        step(REMOVE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        self.still_aside().await?;
        permit.check()?;
        let lineage = self.database.lineage_id;
        self.world.provision.remove(permit, lineage).await
    }

    async fn verify(&self, _: &StepContext<'_>, (): &()) -> Result<()> {
        let place = &self.database.administrator;
        match identity(&self.world, place).await {
            Ok(found) if found.lineage_id == self.database.lineage_id => Err(Failure::new(
                FailureKind::Unknown,
                format!(
                    "lineage {} still answers at {}",
                    found.lineage_id, place.url
                ),
            )
            .hint("it does not lie where opsctl keeps databases: end it by hand, then resume")),
            _ => Ok(()),
        }
    }
}

struct Forget {
    world: World,
    lineage: LineageId,
}

#[async_trait]
impl Step for Forget {
    type Output = ();

    fn name(&self) -> StepName {
        step(FORGET)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        permit.check()?;
        let lineage = self.lineage;
        let forget = |register: &mut LineageRegister| register.forget(lineage);
        let store = self.world.store.as_ref();
        LineageRegister::update(store, forget).await.map(|_| ())
    }
}
