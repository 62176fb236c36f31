//! The buckets: opsctl's state with journal and locks, evidence, dumps.

use aws_sdk_s3::Client;
use opsctl_core::ports::Part;

use super::unseen;
use crate::account::{Aws, Side};
use crate::trouble;

pub(super) async fn parts(aws: &Aws) -> Vec<Part> {
    let buckets = &aws.settings().buckets;
    let mut parts = Vec::new();
    for (name, bucket) in [
        ("journal and locks", &buckets.state),
        ("evidence", &buckets.evidence),
        ("dumps", &buckets.backups),
    ] {
        parts.push(part(aws, name, bucket).await);
    }
    parts
}

/// A bucket answers in its own region alone: elsewhere S3 says where it is instead.
async fn part(aws: &Aws, name: &str, bucket: &str) -> Part {
    let place = aws.region(Side::Backup);
    let config = match aws.config(Side::Backup).await {
        Ok(config) => config,
        Err(failure) => return unseen(name, &failure),
    };
    let asked = Client::new(&config).head_bucket().bucket(bucket).send();
    match asked.await {
        Ok(_) => Part::ready(name, format!("bucket {bucket} in {place}")),
        Err(error) => Part::lacking(
            name,
            format!(
                "bucket {bucket} does not answer in {place}: {}",
                trouble::words(&error)
            ),
            "terraform apply: see infra/terraform/modules/storage",
        ),
    }
}
