//! The way into an account: asked as whoever the standard chain finds, once it is certain whose account that is.

use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use opsctl_core::environment::AwsSettings;
use opsctl_core::{Failure, FailureKind, Result};
use tokio::sync::OnceCell;

use crate::silence::{Silence, Tell};
use crate::trouble;

/// A connection that can't be made is told soon; a region that went silent must not hold an operation.
pub(crate) const CONNECT: Duration = Duration::from_secs(3);
/// One attempt of a call.
const ATTEMPT: Duration = Duration::from_secs(20);
/// A call with all its attempts.
const CALL: Duration = Duration::from_secs(60);
/// Attempts of a call: throttling passes, even where every second call is turned away.
const ATTEMPTS: u32 = 10;
/// Between the first two attempts; it doubles from there.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Between any two.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Which of the two regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Where the environment runs.
    Home,
    /// Where it is brought back.
    Backup,
}

/// An environment's account. Cheap to clone; asks nothing before it is used.
#[derive(Debug, Clone)]
pub struct Aws {
    settings: Arc<AwsSettings>,
    /// As whom it is asked; `None`: as whoever the standard chain finds.
    asking: Option<SdkConfig>,
    known: Arc<OnceCell<SdkConfig>>,
    silence: Arc<Silence>,
}

impl Aws {
    /// The account that `opsctl.yaml` names.
    #[must_use]
    pub fn of(settings: &AwsSettings) -> Self {
        Self {
            settings: Arc::new(settings.clone()),
            asking: None,
            known: Arc::default(),
            silence: Arc::default(),
        }
    }

    /// The same, asked as `config` says: for whoever is let in by another way than the standard chain.
    #[must_use]
    pub fn asked_as(settings: &AwsSettings, config: SdkConfig) -> Self {
        Self {
            asking: Some(config),
            ..Self::of(settings)
        }
    }

    /// The same, saying to `tell` what is waited for.
    #[must_use]
    pub fn telling(self, tell: Tell) -> Self {
        Self {
            silence: Arc::new(Silence::told_to(tell)),
            ..self
        }
    }

    pub(crate) fn silence(&self) -> &Silence {
        &self.silence
    }

    /// What `opsctl.yaml` says of it.
    #[must_use]
    pub fn settings(&self) -> &AwsSettings {
        &self.settings
    }

    /// The region's name.
    #[must_use]
    pub fn region(&self, side: Side) -> &str {
        match side {
            Side::Home => &self.settings.region,
            Side::Backup => &self.settings.backup_region,
        }
    }

    /// How to ask in a region. The first time it is asked whose account this is, in the backup region: the other may be lost.
    ///
    /// # Errors
    /// [`FailureKind::Refused`] in another account; [`FailureKind::Authentication`] where nobody may ask.
    pub async fn config(&self, side: Side) -> Result<SdkConfig> {
        let known = self.known.get_or_try_init(|| self.identify()).await?;
        let region = Region::new(self.region(side).to_owned());
        Ok(known.to_builder().region(region).build())
    }

    async fn identify(&self) -> Result<SdkConfig> {
        let config = match &self.asking {
            Some(config) => config.clone(),
            None => self.found_by_the_chain().await,
        };
        self.is_ours(&config).await?;
        Ok(config)
    }

    async fn found_by_the_chain(&self) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(CALL)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_PAUSE)
            .with_max_backoff(LONGEST_PAUSE);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(self.settings.backup_region.clone()))
            .retry_config(retries)
            .timeout_config(timeouts);
        if let Some(profile) = &self.settings.profile {
            loader = loader.profile_name(profile);
        }
        loader.load().await
    }

    async fn is_ours(&self, config: &SdkConfig) -> Result<()> {
        let asked = aws_sdk_sts::Client::new(config).get_caller_identity();
        let told = asked.send().await.map_err(|error| {
            trouble::of("can't ask AWS whose account this is", &error)
                .left("nothing was changed")
                .hint("aws sts get-caller-identity, or log in again")
        })?;
        let found = told.account().unwrap_or_default();
        if found != self.settings.account.as_str() {
            let who = told.arn().unwrap_or("somebody without a name");
            return Err(Failure::new(
                FailureKind::Refused,
                format!("the environment is in account {}", self.settings.account),
            )
            .cause(format!("AWS answers as {who}, in account {found}"))
            .left("nothing was changed")
            .hint("choose the right profile (AWS_PROFILE), or the right --env"));
        }
        Ok(())
    }
}
