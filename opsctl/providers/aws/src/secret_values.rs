//! Values in Secrets Manager that opsctl itself needs: read where the environment runs, and from the replica when that region is lost.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, FailureKind, Result};

use sha2::{Digest, Sha256};

use crate::account::{Aws, Side};
use crate::trouble;

/// The name is taken, or the version holds another value.
const EXISTS: &str = "ResourceExistsException";

/// The current value of a secret; `None` where it has none yet.
///
/// # Errors
/// When nobody answers in either region, or nobody may ask.
pub async fn read(aws: &Aws, name: &str) -> Result<Option<Secret<String>>> {
    let what = format!("the secret '{name}' is read");
    let home = aws.heard(Side::Home, &what, Box::pin(read_at(aws, Side::Home, name)));
    match home.await {
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
    match made {
        Ok(_) => Ok(value),
        // Terraform makes secrets without a value: whoever comes first gives it one, and everybody reads what is there then.
        Err(error) if error.code() == Some(EXISTS) => fill(aws, &client, name, value).await,
        Err(error) => Err(trouble::of(
            format!("can't make the secret '{name}'"),
            &error,
        )),
    }
}

/// Gives a secret its first value, under a version that everybody names alike: of two who come at once, one is refused.
async fn fill(
    aws: &Aws,
    client: &Client,
    name: &str,
    value: Secret<String>,
) -> Result<Secret<String>> {
    if let Some(found) = read(aws, name).await? {
        return Ok(found);
    }
    let put = client
        .put_secret_value()
        .secret_id(name)
        .client_request_token(first_version(name))
        .secret_string(value.expose());
    match put.send().await {
        Err(error) if error.code() != Some(EXISTS) => {
            let what = format!("can't write '{name}'");
            return Err(trouble::of(what, &error));
        }
        _ => {}
    }
    read(aws, name).await?.ok_or_else(|| {
        let what = format!("the secret '{name}' has no value");
        Failure::new(FailureKind::Unknown, what)
    })
}

/// The name of a secret's first version: 64 characters, as long as Secrets Manager takes.
fn first_version(name: &str) -> String {
    hex::encode(Sha256::digest(format!("the first value of {name}")))
}
