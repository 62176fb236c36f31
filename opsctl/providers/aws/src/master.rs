//! The databases' administrator, as the environment's secrets know it.

use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, FailureKind, Result};

use crate::account::Aws;
use crate::rds::Master;
use crate::secret_values;

/// What the secret holds: as Terraform wrote it, and every rotation after.
#[derive(serde::Deserialize)]
struct Written {
    username: String,
    password: String,
}

impl Master {
    /// The secret's full name.
    #[must_use]
    pub fn secret(aws: &Aws) -> String {
        aws.settings().secret(SecretKind::Master.stored_as())
    }

    /// Nobody: for whoever reads records alone and may not see a password. No database lets them in.
    #[must_use]
    pub fn withheld() -> Self {
        Self {
            username: String::new(),
            password: Secret::new(String::new()),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`FailureKind::Authentication`] where it can't be had.
    pub async fn read(aws: &Aws) -> Result<Self> {
        let name = Self::secret(aws);
        let lacking = |why: &str| {
            Failure::new(
                FailureKind::Authentication,
                format!("the administrator's credentials can't be had from '{name}'"),
            )
            .cause(why)
            .left("nothing was changed")
            .hint("terraform apply writes it: see infra/terraform/README.md")
        };
        let text = secret_values::read(aws, &name).await?;
        let text = text.ok_or_else(|| lacking("there is no such secret, or it has no value"))?;
        let written: Written = serde_json::from_str(text.expose())
            .map_err(|_| lacking("it is no {\"username\", \"password\"} in JSON"))?;
        Ok(Self {
            username: written.username,
            password: Secret::new(written.password),
        })
    }
}
