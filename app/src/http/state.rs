//! What every handler can reach.

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::watch;

use crate::activity::Activity;
use crate::auth::service::AuthService;
use crate::auth::{Passwords, Throttle, Tokens, Verified};
use crate::cache::Cache;
use crate::config::HttpSettings;
use crate::database::Database;
use crate::email::Mailer;
use crate::events::Outbox;
use crate::figures::{Recent, Traffic};
use crate::flags::Flags;
use crate::rate_limit::{Proxies, RateLimits};
use crate::secrets::Live;
use crate::storage::Storage;

/// One a process. Every layer and handler of every request has a clone of it.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Parts>);

impl From<Parts> for AppState {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What the state is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    pub database: Database,
    pub passwords: Arc<Passwords>,
    pub tokens: Arc<Tokens>,
    pub verified: Arc<Verified>,
    /// Whom to ask about tokens; none: this process judges them.
    pub auth_service: Option<Arc<AuthService>>,
    pub cache: Arc<Cache>,
    /// As they are now; ask again for each use.
    pub secrets: Live,
    /// By account.
    pub throttle: Arc<Throttle>,
    pub address_throttle: Arc<Throttle>,
    pub limits: Arc<RateLimits>,
    pub proxies: Arc<Proxies>,
    pub flags: Arc<Flags>,
    /// Where changes tell what happened, in their own transaction.
    pub outbox: Outbox,
    pub mailer: Arc<dyn Mailer>,
    pub activity: Arc<Activity>,
    pub traffic: Arc<Traffic>,
    /// The last minutes of it.
    pub recent: Arc<Recent>,
    /// None where none was named; then no report is made.
    pub storage: Option<Arc<dyn Storage>>,
    /// Where people reach the service, without a slash at its end.
    pub public_url: Arc<str>,
    /// What this environment is called.
    pub environment: &'static str,
    pub http: Arc<HttpSettings>,
    /// The dashboard as it was made last.
    pub dashboard: Arc<crate::pages::KeptDashboard>,
    /// True from the moment at which the process was told to stop.
    pub stopping: watch::Receiver<bool>,
}
