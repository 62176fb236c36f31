//! The simulated logins: a process is logged in as what it was handed.

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::clock::Timestamp;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Location, LoginSession, LoginTrial, Logins, SecretValue};
use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;

use super::SimulatedSecrets;

/// The two.
pub const PAIR: [&str; 2] = ["app_login", "app_login_b"];

#[async_trait]
impl Logins for SimulatedSecrets {
    fn pair(&self) -> [String; 2] {
        PAIR.map(ToOwned::to_owned)
    }

    async fn lacking(&self, _: &Location) -> Result<Vec<String>> {
        Ok(self.state().lacking.clone())
    }

    async fn prepare(&self, permit: &Permit<'_>, _: &Location) -> Result<()> {
        self.change(permit, |state| {
            state.lacking.clear();
            Ok(())
        })
    }

    async fn sessions(&self, _: &Location, login: &str) -> Result<Vec<LoginSession>> {
        let state = self.state();
        let mut all: Vec<LoginSession> = state.strangers.clone();
        for process in &state.processes {
            let current = process
                .has
                .get(&SecretKind::Database)
                .and_then(|it| it.current.as_ref());
            if let Some(SecretValue::Login { user, .. }) = current {
                all.push(LoginSession {
                    pid: 7,
                    login: user.clone(),
                    application: process.name.clone(),
                    address: None,
                    since: Timestamp(time::OffsetDateTime::UNIX_EPOCH),
                });
            }
        }
        all.retain(|session| session.login == login);
        Ok(all)
    }

    async fn set_password(
        &self,
        permit: &Permit<'_>,
        _: &Location,
        login: &str,
        password: &Secret<String>,
    ) -> Result<()> {
        self.change(permit, |state| {
            let new = password.expose().clone();
            state.passwords.insert(login.to_owned(), new);
            Ok(())
        })
    }

    async fn try_login(
        &self,
        _: &Location,
        login: &str,
        password: &Secret<String>,
    ) -> Result<LoginTrial> {
        let state = self.state();
        Ok(
            match state.passwords.get(login) == Some(password.expose()) {
                true => LoginTrial::Works { lacks: Vec::new() },
                false => LoginTrial::Refused {
                    words: format!("password authentication failed for user \"{login}\""),
                },
            },
        )
    }
}
