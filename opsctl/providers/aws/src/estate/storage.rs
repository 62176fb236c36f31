//! The buckets of the backup region.

use aws_sdk_s3::Client;
use opsctl_core::{Failure, Result};
use serde_json::{Value, json};

use crate::account::{Aws, Side};
use crate::trouble;

/// How a bucket keeps what is in it.
pub async fn describe(aws: &Aws, purpose: &str) -> Result<Option<Value>> {
    let buckets = &aws.settings().buckets;
    let name = match purpose {
        "state" => &buckets.state,
        "evidence" => &buckets.evidence,
        "backups" => &buckets.backups,
        other => {
            return Err(Failure::failed(format!(
                "opsctl.yaml names no bucket for {other}"
            )));
        }
    };
    let client = Client::new(&aws.config(Side::Backup).await?);
    match client.head_bucket().bucket(name).send().await {
        Err(error) if trouble::is(&error, "NotFound") => return Ok(None),
        Err(error) => {
            return Err(trouble::of(
                format!("can't ask for the bucket {name}"),
                &error,
            ));
        }
        Ok(_) => {}
    }
    Ok(Some(json!({
        "arn": format!("arn:aws:s3:::{name}"),
        "sse_algorithm": encryption(&client, name).await?,
        "versioning": versioning(&client, name).await?,
    })))
}

async fn encryption(client: &Client, name: &str) -> Result<Option<String>> {
    let answer = match client.get_bucket_encryption().bucket(name).send().await {
        Err(error) if trouble::is(&error, "ServerSideEncryptionConfigurationNotFoundError") => {
            return Ok(None);
        }
        other => other
            .map_err(|error| trouble::of(format!("can't ask how {name} is encrypted"), &error))?,
    };
    let rules = answer
        .server_side_encryption_configuration()
        .map(|it| it.rules())
        .unwrap_or_default();
    let first = rules
        .iter()
        .find_map(|rule| rule.apply_server_side_encryption_by_default());
    Ok(first.map(|it| it.sse_algorithm().as_str().to_owned()))
}

async fn versioning(client: &Client, name: &str) -> Result<Option<String>> {
    let asked = client.get_bucket_versioning().bucket(name).send().await;
    let answer =
        asked.map_err(|error| trouble::of(format!("can't ask for versions in {name}"), &error))?;
    Ok(answer.status().map(|it| it.as_str().to_owned()))
}
