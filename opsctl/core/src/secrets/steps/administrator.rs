//! The administrator of the database gets its new password. It has one login, so the one before is over at that moment: the value is
//! pending from before it is set until after it is proved, and is never lost.

use std::time::Duration;

use async_trait::async_trait;

use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{LoginTrial, SecretValue, World};
use crate::secret::Secret;
use crate::secrets::SecretKind;
use crate::secrets::inputs::RotateInputs;
use crate::secrets::observe::{database, logins, stopped};

/// Between two log-ins.
const PAUSE: Duration = Duration::from_millis(500);

/// The new password is in force.
pub struct Administrator {
    pub name: &'static str,
    pub world: World,
    pub inputs: RotateInputs,
}

impl Administrator {
    async fn credentials(&self) -> Result<(String, Secret<String>)> {
        let (kind, version) = (SecretKind::Master, &self.inputs.version);
        match self.world.secrets()?.store.read(kind, version).await? {
            SecretValue::Login { user, password } => Ok((user, password)),
            SecretValue::Text(_) => Err(Failure::new(
                FailureKind::Unknown,
                format!("version {version} of '{kind}' names no login"),
            )),
        }
    }

    /// The server's words when it lets nobody in.
    async fn refusal(&self, user: &str, password: &Secret<String>) -> Result<Option<String>> {
        let (descriptor, _) = database(&self.world).await?;
        let tried = logins(&self.world)?.try_login(&descriptor.location, user, password);
        Ok(match tried.await? {
            LoginTrial::Works { .. } => None,
            LoginTrial::Refused { words } => Some(words),
        })
    }
}

#[async_trait]
impl Step for Administrator {
    type Output = ();

    fn name(&self) -> StepName {
        StepName::fixed(self.name)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        let (user, password) = self.credentials().await?;
        Ok(match self.refusal(&user, &password).await? {
            None => StepState::Done(()),
            Some(_) => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let (user, password) = self.credentials().await?;
        let set = self.world.secrets()?.administrator.as_deref();
        let set =
            set.ok_or_else(|| Failure::usage("nobody can set the administrator's password"))?;
        set.set(permit, &password).await?;
        let begun = tokio::time::Instant::now();
        while let Some(words) = self.not_yet(&user, &password).await {
            if let Some(reason) = context.interrupt.requested() {
                return Err(stopped("until the administrator can log in", &reason));
            }
            if begun.elapsed() >= self.inputs.within.0 {
                return Err(self.late(words));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }
}

impl Administrator {
    /// Why nobody can log in at the moment. While a password is set, a server may cut connections instead of answering.
    async fn not_yet(&self, user: &str, password: &Secret<String>) -> Option<String> {
        let tried = self.refusal(user, password).await;
        tried.unwrap_or_else(|failure| Some(failure.to_string()))
    }

    fn late(&self, words: String) -> Failure {
        let (version, within) = (&self.inputs.version, self.inputs.within);
        Failure::failed(format!(
            "the administrator can't log in with the new password after {within}"
        ))
        .cause(words)
        .left(format!(
            "the password was set, and is kept as version {version}, pending"
        ))
    }
}
