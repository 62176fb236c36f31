//! Who gets requests, how they are asked how they are, and what they said.

use aws_sdk_elasticloadbalancingv2::types::{TargetGroup, TargetHealthStateEnum};
use opsctl_core::Result;
use serde_json::{Value, json};

use super::door::{client, name};
use crate::account::Side;
use crate::estate::AwsEstate;
use crate::trouble;

async fn find(estate: &AwsEstate, service: &str) -> Result<Option<TargetGroup>> {
    let group = format!("{}-{service}", name(estate, Side::Home));
    let asked = client(estate, Side::Home).await?.describe_target_groups();
    let answer = match asked.names(&group).send().await {
        Err(error) if trouble::is(&error, "TargetGroupNotFound") => return Ok(None),
        other => {
            let what = format!(
                "can't ask for the target group {group} (elasticloadbalancing:DescribeTargetGroups)"
            );
            other.map_err(|error| trouble::of(what, &error))?
        }
    };
    Ok(answer.target_groups().first().cloned())
}

/// How the pods of a service are spoken to.
pub async fn target_group(estate: &AwsEstate, service: &str) -> Result<Option<Value>> {
    let found = find(estate, service).await?;
    Ok(found.map(|it| {
        json!({
            "arn": it.target_group_arn(),
            "protocol": it.protocol().map(|it| it.as_str()),
            "port": it.port(),
            "target_type": it.target_type().map(|it| it.as_str()),
            "health_check": {
                "enabled": it.health_check_enabled(),
                "protocol": it.health_check_protocol().map(|it| it.as_str()),
                "path": it.health_check_path(),
                "interval": it.health_check_interval_seconds(),
                "unhealthy_threshold": it.unhealthy_threshold_count(),
            },
        })
    }))
}

/// How the pods of a service are, in numbers.
pub async fn targets(estate: &AwsEstate, service: &str) -> Result<Option<Value>> {
    let group = find(estate, service).await?;
    let Some(arn) = group.as_ref().and_then(|it| it.target_group_arn()) else {
        return Ok(None);
    };
    let asked = client(estate, Side::Home).await?.describe_target_health();
    let answer = asked.target_group_arn(arn).send().await;
    let what = "can't ask how the pods are (elasticloadbalancing:DescribeTargetHealth)";
    let answer = answer.map_err(|error| trouble::of(what, &error))?;
    let all = answer.target_health_descriptions();
    let states = all.iter().filter_map(|it| it.target_health()?.state());
    let healthy = states.filter(|state| **state == TargetHealthStateEnum::Healthy);
    Ok(Some(
        json!({"arn": arn, "registered": all.len(), "healthy": healthy.count()}),
    ))
}
