//! The cluster that stands ready in the backup region.

use opsctl_core::Result;
use serde_json::{Value, json};

use super::{AwsEstate, balancer};
use crate::account::Side;
use crate::trouble;

/// What EKS says of it.
pub async fn cluster(estate: &AwsEstate) -> Result<Option<Value>> {
    let name = balancer::name(estate, Side::Backup);
    let client = aws_sdk_eks::Client::new(&estate.aws.config(Side::Backup).await?);
    let answer = match client.describe_cluster().name(&name).send().await {
        Err(error) if trouble::is(&error, "ResourceNotFoundException") => return Ok(None),
        other => {
            let what = format!("can't ask for the cluster {name} (eks:DescribeCluster)");
            other.map_err(|error| trouble::of(what, &error))?
        }
    };
    Ok(answer.cluster().map(|it| {
        json!({
            "arn": it.arn(),
            "version": it.version(),
            "status": it.status().map(|it| it.as_str()),
        })
    }))
}
