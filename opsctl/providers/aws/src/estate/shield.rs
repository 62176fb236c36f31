//! Shield Advanced: whether the account has it, and whether the load balancer is under it. It answers for every region in one place.

use aws_sdk_shield::Client;
use opsctl_core::Result;
use serde_json::{Value, json};

use super::{AwsEstate, balancer};
use crate::account::Side;
use crate::trouble;

/// What it says of the account and of the load balancer.
pub async fn describe(estate: &AwsEstate) -> Result<Option<Value>> {
    let client = Client::new(&estate.aws.config(Side::Home).await?);
    let asked = client.get_subscription_state().send().await;
    let what = "can't ask whether Shield Advanced is there (shield:GetSubscriptionState)";
    let subscribed = asked.map_err(|error| trouble::of(what, &error))?;
    let protection = protection(estate, &client).await?;
    Ok(Some(json!({
        "arn": protection,
        "subscription": subscribed.subscription_state().as_str(),
        "protects_the_load_balancer": protection.is_some(),
    })))
}

async fn protection(estate: &AwsEstate, client: &Client) -> Result<Option<String>> {
    let door = balancer::find(estate, Side::Home).await?;
    let Some(door) = door.as_ref().and_then(|it| it.load_balancer_arn()) else {
        return Ok(None);
    };
    let asked = client.describe_protection().resource_arn(door);
    let answer = match asked.send().await {
        Err(error) if trouble::is(&error, "ResourceNotFoundException") => return Ok(None),
        other => {
            let what = "can't ask what Shield protects (shield:DescribeProtection)";
            other.map_err(|error| trouble::of(what, &error))?
        }
    };
    let protection = answer.protection.and_then(|it| it.protection_arn);
    Ok(protection)
}
