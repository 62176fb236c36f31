//! Log-ins that are tried by the way that this machine has to the database: what the application is told names files of its own
//! (whom its pods trust), which lie nowhere else.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Location, LoginSession, LoginTrial, Logins, Pointer};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};

/// The logins of a database, tried where its administrator connects: the same server, and another login.
#[derive(Clone)]
pub struct ByWayIn {
    /// Who really logs in.
    pub logins: Arc<dyn Logins>,
    /// Who knows the way.
    pub pointer: Arc<dyn Pointer>,
}

#[async_trait]
impl Logins for ByWayIn {
    fn pair(&self) -> [String; 2] {
        self.logins.pair()
    }

    async fn lacking(&self, administrator: &Location) -> Result<Vec<String>> {
        self.logins.lacking(administrator).await
    }

    async fn prepare(&self, permit: &Permit<'_>, administrator: &Location) -> Result<()> {
        self.logins.prepare(permit, administrator).await
    }

    async fn sessions(&self, administrator: &Location, login: &str) -> Result<Vec<LoginSession>> {
        self.logins.sessions(administrator, login).await
    }

    async fn set_password(
        &self,
        permit: &Permit<'_>,
        administrator: &Location,
        login: &str,
        password: &Secret<String>,
    ) -> Result<()> {
        let logins = &self.logins;
        logins
            .set_password(permit, administrator, login, password)
            .await
    }

    async fn try_login(
        &self,
        application: &Location,
        login: &str,
        password: &Secret<String>,
    ) -> Result<LoginTrial> {
        let descriptor = self.pointer.read().await?;
        let mut descriptor =
            descriptor.ok_or_else(|| Failure::refused("there is no database yet"))?;
        descriptor.location = application.clone();
        let way_in = self.pointer.administrator(&descriptor).await?;
        self.logins.try_login(&way_in, login, password).await
    }
}
