//! Puts secrets that changed to use, without a restart: the keys of tokens, the credentials of the database. What cannot be used
//! is said once and changes nothing; it is tried again at every look, since the other half of a rotation may be on its way.

use std::sync::Arc;

use tokio::sync::watch;
use uuid::Uuid;

use crate::auth::Tokens;
use crate::config::registry::{DATABASE_REPLICA_URL, DATABASE_URL};
use crate::config::{Config, DatabaseSource, Findings, JwtKeys, Secret};
use crate::database::{ConnectOptions, Database, Mode};
use crate::http::AppState;
use crate::secrets::{Apply, Follow, Live, Secrets};
use crate::telemetry::LIFECYCLE;

/// The task that follows the secrets; None where they cannot change.
pub(super) fn follow(
    config: &Config,
    state: &AppState,
    options: &ConnectOptions,
    stop: watch::Receiver<bool>,
) -> Option<impl Future<Output = ()> + use<>> {
    let settings = &config.secrets;
    let follow = Follow {
        live: state.secrets.clone(),
        store: settings.store.clone()?,
        above: settings.above.clone(),
        interval: settings.interval,
    };
    let rotation = Rotation {
        live: state.secrets.clone(),
        tokens: Arc::clone(&state.tokens),
        keys: config.jwt_keys.clone(),
        database: state.database.clone(),
        url: match &config.database {
            DatabaseSource::Url(url) => Some(url.clone()),
            DatabaseSource::Descriptor(_) => None,
        },
        lineage: settings.at_start.lineage(),
        replica: config.replica.as_ref().map(|replica| replica.url.clone()),
        options: options.clone(),
        last_problem: None,
    };
    Some(follow.run(rotation, stop))
}

struct Rotation {
    live: Live,
    tokens: Arc<Tokens>,
    /// In use.
    keys: JwtKeys,
    database: Database,
    /// In use; None where a descriptor says where the database is.
    url: Option<Secret>,
    /// Which line of history the place for secrets said that it is.
    lineage: Option<Uuid>,
    /// In use; None where there is no replica.
    replica: Option<Secret>,
    options: ConnectOptions,
    last_problem: Option<String>,
}

#[async_trait::async_trait]
impl Apply for Rotation {
    async fn apply(&mut self, secrets: &Secrets) {
        let problem = self.use_all(secrets).await.err();
        if problem.is_none() {
            self.live.all_in_use(secrets);
        }
        if let Some(problem) = &problem
            && self.last_problem.as_ref() != Some(problem)
        {
            let hint = "the ones before stay in use; put right what the place for secrets holds";
            tracing::error!(
                error = problem,
                hint,
                "a secret that changed cannot be used"
            );
        }
        self.last_problem = problem;
    }
}

impl Rotation {
    /// Each for itself: a mistake in one must not keep another from being changed.
    async fn use_all(&mut self, secrets: &Secrets) -> Result<(), String> {
        let used = [
            self.use_keys(secrets),
            self.use_database(secrets).await,
            self.use_replica(secrets).await,
        ];
        let problems: Vec<String> = used.into_iter().filter_map(Result::err).collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems.join("; "))
        }
    }

    fn use_keys(&mut self, secrets: &Secrets) -> Result<(), String> {
        let keys = JwtKeys::of(secrets).map_err(|findings| Findings(findings).to_string())?;
        if keys != self.keys {
            self.tokens.use_keys(&keys);
            self.keys = keys;
            tracing::info!(target: LIFECYCLE, "the keys of tokens changed");
        }
        Ok(())
    }

    async fn use_database(&mut self, secrets: &Secrets) -> Result<(), String> {
        if self.url.is_none() {
            return Ok(());
        }
        let mode = secrets.mode().transpose()?;
        if let Some(mode) = mode.filter(|mode| *mode > self.database.mode()) {
            self.database.set_mode(mode);
        }
        if mode.is_some_and(|mode| mode != Mode::Normal) {
            self.database.writes_ended().await;
        }
        self.use_url(secrets).await?;
        if let Some(mode) = mode.filter(|mode| *mode != self.database.mode()) {
            self.database.set_mode(mode);
        }
        Ok(())
    }

    async fn use_url(&mut self, secrets: &Secrets) -> Result<(), String> {
        let (Some(in_use), Some(url)) = (&self.url, secrets.current(DATABASE_URL)) else {
            return Ok(());
        };
        let lineage = secrets.lineage();
        let served = lineage.is_none() || self.database.session().is_some();
        if in_use == url && self.lineage == lineage && served {
            return Ok(());
        }
        let used = self.database.use_url(url, lineage, &self.options).await;
        used.map_err(|error| format!("DATABASE_URL: {error}"))?;
        self.url = Some(url.clone());
        self.lineage = lineage;
        tracing::info!(target: LIFECYCLE, "the way to the database changed");
        Ok(())
    }

    async fn use_replica(&mut self, secrets: &Secrets) -> Result<(), String> {
        let url = secrets.current(DATABASE_REPLICA_URL);
        let (Some(in_use), Some(url), Some(replica)) =
            (&self.replica, url, self.database.replica())
        else {
            return Ok(());
        };
        if in_use != url {
            let used = replica.use_url(url, &self.options).await;
            used.map_err(|error| format!("DATABASE_REPLICA_URL: {error}"))?;
            self.replica = Some(url.clone());
            tracing::info!(target: LIFECYCLE, "the way to the replica changed");
        }
        Ok(())
    }
}
