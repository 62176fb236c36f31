//! The repository of the application's image.

use opsctl_core::{Failure, Result};
use serde_json::{Value, json};

use super::AwsEstate;
use crate::account::Side;
use crate::trouble;

/// Its name, as `opsctl.yaml` has it.
fn name(estate: &AwsEstate) -> Result<&str> {
    let name = estate.repository.as_deref();
    name.ok_or_else(|| Failure::failed("opsctl.yaml names no repository of images"))
}

/// What ECR keeps in it, and for how long: the policy as it was written.
pub async fn rules(estate: &AwsEstate) -> Result<Option<Value>> {
    let name = name(estate)?;
    let client = aws_sdk_ecr::Client::new(&estate.aws.config(Side::Home).await?);
    let asked = client.get_lifecycle_policy().repository_name(name);
    let none = [
        "RepositoryNotFoundException",
        "LifecyclePolicyNotFoundException",
    ];
    let answer = match asked.send().await {
        Err(error) if none.iter().any(|code| trouble::is(&error, code)) => return Ok(None),
        other => {
            let what = "can't ask ECR what it keeps (ecr:GetLifecyclePolicy)";
            other.map_err(|error| trouble::of(what, &error))?
        }
    };
    let policy = answer.lifecycle_policy_text();
    Ok(Some(
        json!({"repository": answer.repository_name(), "policy": policy}),
    ))
}

/// What ECR says of it.
pub async fn describe(estate: &AwsEstate) -> Result<Option<Value>> {
    let name = name(estate)?;
    let client = aws_sdk_ecr::Client::new(&estate.aws.config(Side::Home).await?);
    let asked = client
        .describe_repositories()
        .repository_names(name)
        .send()
        .await;
    let answer = match asked {
        Err(error) if trouble::is(&error, "RepositoryNotFoundException") => return Ok(None),
        other => other.map_err(|error| {
            trouble::of(
                "can't ask ECR for the repository (ecr:DescribeRepositories)",
                &error,
            )
        })?,
    };
    Ok(answer.repositories().first().map(|it| {
        let filters = it.image_tag_mutability_exclusion_filters().iter();
        let filters: Vec<&str> = filters.map(|filter| filter.filter()).collect();
        json!({
            "arn": it.repository_arn(),
            "image_tag_mutability": it.image_tag_mutability().map(|it| it.as_str()),
            "mutable_tags": filters.join(","),
            "encryption_type": it.encryption_configuration().map(|it| it.encryption_type().as_str()),
            "scan_on_push": it.image_scanning_configuration().map(|it| it.scan_on_push()),
        })
    }))
}
