//! Handing secrets over, and the wait until everybody uses them.

use std::time::Duration;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::engine::{Step, StepContext, StepState};
use crate::environment::Span;
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Mark, World};
use crate::secrets::SecretKind;
use crate::secrets::observe::{database, logins, stopped};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// What was handed over, and when.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Told {
    pub mark: Mark,
    pub at: Timestamp,
}

/// The application is handed what the place for secrets holds.
pub struct Tell {
    pub name: &'static str,
    pub world: World,
    pub kind: SecretKind,
}

#[async_trait]
impl Step for Tell {
    type Output = Told;

    fn name(&self) -> StepName {
        StepName::fixed(self.name)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Told>> {
        let told = self.world.secrets()?.delivery.told(self.kind).await?;
        let at = context.clock.now();
        Ok(told.map_or(StepState::Absent, |mark| StepState::Done(Told { mark, at })))
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Told> {
        let delivery = &self.world.secrets()?.delivery;
        let mark = delivery.tell(permit, self.kind).await?;
        let at = context.clock.now();
        Ok(Told { mark, at })
    }
}

/// Who uses it, and since when all do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Followed {
    pub processes: Vec<String>,
    pub at: Timestamp,
}

/// Everybody uses what was handed over, and nobody is left at the login before.
pub struct Follow {
    pub name: &'static str,
    pub world: World,
    pub kind: SecretKind,
    /// The step that handed it over.
    pub told: &'static str,
    /// The login that nobody uses then.
    pub left: Option<String>,
    pub within: Span,
}

#[async_trait]
impl Step for Follow {
    type Output = Followed;

    fn name(&self) -> StepName {
        StepName::fixed(self.name)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Followed>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<Followed> {
        let told: Told = context.outputs.get(self.told)?;
        let begun = tokio::time::Instant::now();
        let mut before = usize::MAX;
        loop {
            let (processes, laggards) = self.look(&told.mark).await?;
            if laggards.is_empty() {
                let at = context.clock.now();
                return Ok(Followed { processes, at });
            }
            if let Some(reason) = context.interrupt.requested() {
                return Err(stopped("until every process uses it", &reason));
            }
            if begun.elapsed() >= self.within.0 {
                return Err(self.late(laggards));
            }
            if laggards.len() != before {
                before = laggards.len();
                context
                    .progress
                    .note(format!("waiting for {}", laggards.join("; ")));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Follow {
    /// Who follows, and who does not in words.
    async fn look(&self, mark: &Mark) -> Result<(Vec<String>, Vec<String>)> {
        let delivery = &self.world.secrets()?.delivery;
        let followers = delivery.followers(self.kind, mark).await?;
        let (follow, behind): (Vec<_>, Vec<_>) =
            followers.into_iter().partition(|follower| follower.follows);
        let processes = follow.into_iter().map(|follower| follower.name).collect();
        let behind = behind.into_iter();
        let mut laggards: Vec<String> = behind
            .map(|follower| format!("{} {}", follower.name, follower.says))
            .collect();
        if let Some(login) = &self.left {
            let (_, administrator) = database(&self.world).await?;
            let sessions = logins(&self.world)?.sessions(&administrator, login).await?;
            laggards.extend(sessions.iter().map(ToString::to_string));
        }
        Ok((processes, laggards))
    }

    fn late(&self, laggards: Vec<String>) -> Failure {
        let (kind, within) = (self.kind, self.within);
        let what = format!("not everybody uses the new '{kind}' after {within}");
        let mut failure = Failure::failed(what);
        failure.causes = laggards;
        failure
            .left("the value before is as good as ever: nobody is locked out")
            .hint("look at the log of who is behind; end a process that hangs, then go on")
    }
}
