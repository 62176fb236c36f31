//! The two logins of the application at its database: the idle one is made ready, the one in use is never touched.

use std::time::Duration;

use async_trait::async_trait;

use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{LoginTrial, SecretValue, Stage, World};
use crate::secret::Secret;
use crate::secrets::SecretKind;
use crate::secrets::inputs::{LoginChange, RotateInputs};
use crate::secrets::observe::{database, logins};

const KIND: SecretKind = SecretKind::Database;

/// Both logins are there, and alike.
pub struct Prepare {
    pub name: &'static str,
    pub world: World,
}

#[async_trait]
impl Step for Prepare {
    type Output = ();

    fn name(&self) -> StepName {
        StepName::fixed(self.name)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        let (_, administrator) = database(&self.world).await?;
        let lacking = logins(&self.world)?.lacking(&administrator).await?;
        Ok(match lacking.is_empty() {
            true => StepState::Done(()),
            false => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let (_, administrator) = database(&self.world).await?;
        logins(&self.world)?.prepare(permit, &administrator).await
    }
}

/// A process that has just started says a moment later what it uses.
const SETTLING: Duration = Duration::from_secs(5);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// What the three steps below share.
#[derive(Clone)]
pub struct Idle {
    pub name: &'static str,
    pub world: World,
    pub inputs: RotateInputs,
    pub change: LoginChange,
}

impl Idle {
    /// Once it was current, somebody uses it on purpose.
    async fn was_moved(&self) -> Result<bool> {
        let facts = self.world.secrets()?.store.describe(KIND).await?;
        let version = facts
            .as_ref()
            .and_then(|facts| facts.version(&self.inputs.version));
        Ok(version.is_some_and(|version| {
            [Stage::Current, Stage::Previous]
                .iter()
                .any(|stage| version.stages.contains(stage))
        }))
    }

    async fn laggards(&self) -> Result<Vec<String>> {
        let secrets = self.world.secrets()?;
        let (_, administrator) = database(&self.world).await?;
        let sessions = logins(&self.world)?
            .sessions(&administrator, &self.change.to)
            .await?;
        let mut laggards: Vec<String> = sessions.iter().map(ToString::to_string).collect();
        if let Some(mark) = secrets.delivery.told(KIND).await? {
            let followers = secrets.delivery.followers(KIND, &mark).await?;
            let behind = followers.into_iter().filter(|follower| !follower.follows);
            laggards.extend(behind.map(|follower| format!("{} {}", follower.name, follower.says)));
        }
        Ok(laggards)
    }

    /// Who uses it, also after a moment.
    async fn settled(&self, context: &StepContext<'_>) -> Result<Vec<String>> {
        let begun = tokio::time::Instant::now();
        loop {
            let laggards = self.laggards().await?;
            let enough = begun.elapsed() >= SETTLING || context.interrupt.requested().is_some();
            if laggards.is_empty() || enough {
                return Ok(laggards);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn password(&self) -> Result<Secret<String>> {
        let store = &self.world.secrets()?.store;
        match store.read(KIND, &self.inputs.version).await? {
            SecretValue::Login { user, password } if user == self.change.to => Ok(password),
            _ => Err(Failure::new(
                FailureKind::Unknown,
                format!(
                    "version {} is not for {}",
                    self.inputs.version, self.change.to
                ),
            )),
        }
    }

    async fn trial(&self) -> Result<LoginTrial> {
        let (descriptor, _) = database(&self.world).await?;
        let password = self.password().await?;
        logins(&self.world)?
            .try_login(&descriptor.location, &self.change.to, &password)
            .await
    }

    async fn works(&self) -> Result<bool> {
        Ok(matches!(self.trial().await?, LoginTrial::Works { .. }))
    }
}

#[async_trait]
impl Step for Idle {
    type Output = ();

    fn name(&self) -> StepName {
        StepName::fixed(self.name)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(match self.was_moved().await? {
            true => StepState::Done(()),
            false => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<()> {
        let laggards = self.settled(context).await?;
        if laggards.is_empty() {
            return Ok(());
        }
        let (to, environment) = (&self.change.to, &self.world.environment.name);
        let mut failure = Failure::refused(format!("{to} is in use: its password stays as it is"));
        failure.causes = laggards;
        Err(failure
            .hint("end or restart who is behind, then rotate again")
            .hint(format!("opsctl --env {environment} secrets status")))
    }
}

/// The idle login has the new password.
pub struct Password(pub Idle);

#[async_trait]
impl Step for Password {
    type Output = ();

    fn name(&self) -> StepName {
        StepName::fixed(self.0.name)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(match self.0.was_moved().await? || self.0.works().await? {
            true => StepState::Done(()),
            false => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let (_, administrator) = database(&self.0.world).await?;
        let password = self.0.password().await?;
        logins(&self.0.world)?
            .set_password(permit, &administrator, &self.0.change.to, &password)
            .await
    }

    /// A cut-over in between brings a server on which it was never set.
    async fn still_holds(&self, _: &StepContext<'_>, _: &()) -> Result<bool> {
        Ok(self.0.was_moved().await? || self.0.works().await?)
    }
}

/// The idle login lets somebody in, who may what the other may.
pub struct LogIn(pub Idle);

impl LogIn {
    /// Tries it.
    ///
    /// # Errors
    /// With the server's words, or with what the login lacks.
    pub async fn prove(&self) -> Result<()> {
        let to = &self.0.change.to;
        match self.0.trial().await? {
            LoginTrial::Works { lacks } if lacks.is_empty() => Ok(()),
            LoginTrial::Works { lacks } => {
                let mut failure =
                    Failure::failed(format!("{to} may less than {}", self.0.change.from));
                failure.causes = lacks;
                Err(failure)
            }
            LoginTrial::Refused { words } => Err(Failure::failed(format!(
                "nobody can log in as {to} with the new password"
            ))
            .cause(words)
            .cause("somebody changed it, or another database was put in place meanwhile")),
        }
    }
}

#[async_trait]
impl Step for LogIn {
    type Output = ();

    fn name(&self) -> StepName {
        StepName::fixed(self.0.name)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, _: &Permit<'_>) -> Result<()> {
        self.prove().await
    }
}
