//! A secret, never its value.

use opsctl_core::Result;
use serde_json::{Value, json};

use crate::account::{Aws, Side};
use crate::trouble;

/// The tag that says how old it may become.
const POLICY: &str = "opsctl:rotation-days";

/// What Secrets Manager tells everybody who may look.
pub async fn describe(aws: &Aws, name: &str) -> Result<Option<Value>> {
    let client = aws_sdk_secretsmanager::Client::new(&aws.config(Side::Home).await?);
    let id = format!("{}/{name}", aws.settings().name);
    let answer = match client.describe_secret().secret_id(&id).send().await {
        Err(error) if trouble::is(&error, "ResourceNotFoundException") => return Ok(None),
        other => other.map_err(|error| {
            trouble::of(
                format!("can't ask for the secret {id} (secretsmanager:DescribeSecret)"),
                &error,
            )
        })?,
    };
    let policy = answer.tags().iter().find(|tag| tag.key() == Some(POLICY));
    let days = policy.and_then(|tag| tag.value()?.parse::<u32>().ok());
    let copies: Vec<_> = answer
        .replication_status()
        .iter()
        .filter_map(|it| it.region())
        .collect();
    Ok(Some(json!({
        "arn": answer.arn(),
        "kms_key_id": answer.kms_key_id(),
        "rotation_days": days,
        "rotation_enabled": answer.rotation_enabled().unwrap_or_default(),
        "replicas": copies,
    })))
}
