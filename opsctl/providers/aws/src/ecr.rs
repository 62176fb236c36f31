//! Who we are to registries of ECR: a name and a password for half a day, from AWS and without `docker login`.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opsctl_core::ports::RegistryLogins;
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};

use crate::account::{Aws, Side};
use crate::trouble;

/// A registry: its host, its account, and in which of the two regions it is asked for.
pub type OfEcr = (String, Aws, Side);

/// The registries of environments in AWS.
#[derive(Debug)]
pub struct EcrLogins(Vec<OfEcr>);

impl EcrLogins {
    /// Those registries, each in its account.
    #[must_use]
    pub const fn of(registries: Vec<OfEcr>) -> Self {
        Self(registries)
    }
}

#[async_trait]
impl RegistryLogins for EcrLogins {
    async fn login(&self, registry: &str) -> Result<Option<(String, Secret<String>)>> {
        let known = |it: &&OfEcr| it.0 == registry;
        let Some((_, aws, side)) = self.0.iter().find(known) else {
            return Ok(None);
        };
        let client = aws_sdk_ecr::Client::new(&aws.config(*side).await?);
        let asked = client.get_authorization_token().send().await;
        let what = || format!("ECR gives no password for {registry}");
        let answer = asked.map_err(|error| trouble::of(what(), &error))?;
        let told = answer.authorization_data().first();
        let token = told.and_then(|it| it.authorization_token());
        let pair = token.and_then(|token| String::from_utf8(STANDARD.decode(token).ok()?).ok());
        let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
        // What it says is a secret: it is not repeated.
        let (user, password) =
            pair.ok_or_else(|| Failure::failed(what()).cause("its answer holds none"))?;
        Ok(Some((user.to_owned(), Secret::new(password.to_owned()))))
    }
}
