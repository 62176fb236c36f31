//! Values in Secrets Manager that opsctl itself needs: read where the environment runs, and from the replica when that region is lost.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, FailureKind, Result};

use crate::account::{Aws, Side};
use crate::trouble;

/// The current value of a secret; `None` where it has none yet.
///
/// # Errors
/// When nobody answers in either region, or nobody may ask.
pub async fn read(aws: &Aws, name: &str) -> Result<Option<Secret<String>>> {
    match read_at(aws, Side::Home, name).await {
        Err(failure) if failure.kind == FailureKind::Failed => {
            let replica = read_at(aws, Side::Backup, name).await;
            replica.map_err(|_| failure)
        }
        answer => answer,
    }
}

async fn read_at(aws: &Aws, side: Side, name: &str) -> Result<Option<Secret<String>>> {
    let client = Client::new(&aws.config(side).await?);
    match client.get_secret_value().secret_id(name).send().await {
        Ok(told) => Ok(told.secret_string.map(Secret::new)),
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(trouble::of(
            format!("can't read the secret '{name}'"),
            &error,
        )),
    }
}

/// Makes a secret with its first value, unless somebody else did meanwhile: then that one counts.
///
/// # Errors
/// As [`read`].
pub async fn read_or_make(
    aws: &Aws,
    name: &str,
    description: &str,
    value: Secret<String>,
) -> Result<Secret<String>> {
    if let Some(found) = read(aws, name).await? {
        return Ok(found);
    }
    let client = Client::new(&aws.config(Side::Home).await?);
    let made = client
        .create_secret()
        .name(name)
        .description(description)
        .secret_string(value.expose())
        .send()
        .await;
    let error = match made {
        Ok(_) => return Ok(value),
        Err(error) => error,
    };
    if error.code() == Some("ResourceExistsException") {
        let put = client
            .put_secret_value()
            .secret_id(name)
            .secret_string(value.expose());
        // Terraform makes secrets without a value: whoever comes first gives it one, and everybody reads what is there then.
        if read(aws, name).await?.is_none() {
            let sent = put.send().await;
            sent.map_err(|error| trouble::of(format!("can't write '{name}'"), &error))?;
        }
        return read(aws, name).await?.ok_or_else(|| {
            Failure::new(
                FailureKind::Unknown,
                format!("the secret '{name}' has no value"),
            )
        });
    }
    Err(trouble::of(
        format!("can't make the secret '{name}'"),
        &error,
    ))
}
