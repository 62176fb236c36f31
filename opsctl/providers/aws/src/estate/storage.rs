//! The buckets: how they keep what is in them, and how long.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{ExpirationStatus, LifecycleRule};
use opsctl_core::{Failure, Result};
use serde_json::{Value, json};

use crate::account::{Aws, Side};
use crate::trouble;

/// The region that a bucket is in: what must outlive the first one is in the other.
pub fn side(purpose: &str) -> Side {
    match purpose {
        "reports" | "logs" => Side::Home,
        _ => Side::Backup,
    }
}

/// Its name, as `opsctl.yaml` has it.
fn name<'a>(aws: &'a Aws, purpose: &str) -> Result<&'a str> {
    let buckets = &aws.settings().buckets;
    let named = match purpose {
        "state" => Some(&buckets.state),
        "evidence" => Some(&buckets.evidence),
        "backups" => Some(&buckets.backups),
        "reports" => buckets.reports.as_ref(),
        "logs" => buckets.logs.as_ref(),
        _ => None,
    };
    named.map(String::as_str).ok_or_else(|| {
        Failure::failed(format!("opsctl.yaml names no bucket for {purpose}"))
            .hint(format!("set `aws.buckets.{purpose}`"))
    })
}

/// How many days at least a bucket keeps what was put there: the shortest of its rules that are in force. Without any it says nothing,
/// which is not what Terraform made.
pub async fn keeping(aws: &Aws, purpose: &str) -> Result<Option<Value>> {
    let name = name(aws, purpose)?;
    let client = Client::new(&aws.config(side(purpose)).await?);
    let asked = client.get_bucket_lifecycle_configuration().bucket(name);
    let rules = match asked.send().await {
        Err(error) if trouble::is(&error, "NoSuchBucket") => return Ok(None),
        Err(error) if trouble::is(&error, "NoSuchLifecycleConfiguration") => Vec::new(),
        other => {
            let what =
                format!("can't ask how long {name} keeps things (s3:GetLifecycleConfiguration)");
            other
                .map_err(|error| trouble::of(what, &error))?
                .rules
                .unwrap_or_default()
        }
    };
    let in_force = |rule: &&LifecycleRule| *rule.status() == ExpirationStatus::Enabled;
    let ends = rules.iter().filter(in_force).flat_map(ends).min();
    Ok(Some(
        json!({"arn": format!("arn:aws:s3:::{name}"), "kept_days": ends}),
    ))
}

/// After how many days a rule takes something away: what is there, or what was overwritten or deleted.
fn ends(rule: &LifecycleRule) -> impl Iterator<Item = i32> {
    let there = rule.expiration().and_then(|it| it.days());
    let earlier = rule.noncurrent_version_expiration();
    let earlier = earlier.and_then(|it| it.noncurrent_days());
    there.into_iter().chain(earlier)
}

/// How a bucket keeps what is in it.
pub async fn describe(aws: &Aws, purpose: &str) -> Result<Option<Value>> {
    let name = name(aws, purpose)?;
    let client = Client::new(&aws.config(side(purpose)).await?);
    match client.head_bucket().bucket(name).send().await {
        Err(error) if trouble::is(&error, "NotFound") => return Ok(None),
        Err(error) => {
            return Err(trouble::of(
                format!("can't ask for the bucket {name} (s3:ListBucket)"),
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
        other => other.map_err(|error| {
            trouble::of(
                format!("can't ask how {name} is encrypted (s3:GetEncryptionConfiguration)"),
                &error,
            )
        })?,
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
    let answer = asked.map_err(|error| {
        trouble::of(
            format!("can't ask for versions in {name} (s3:GetBucketVersioning)"),
            &error,
        )
    })?;
    Ok(answer.status().map(|it| it.as_str().to_owned()))
}
