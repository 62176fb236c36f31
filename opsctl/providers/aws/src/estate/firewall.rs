//! The firewall that the load balancer stands behind, and what it refuses.

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{Rule, WebAcl};
use opsctl_core::Result;
use serde_json::{Value, json};

use super::{AwsEstate, balancer};
use crate::account::Side;
use crate::trouble;

/// The access list of the load balancer, if it has one.
pub async fn describe(estate: &AwsEstate) -> Result<Option<Value>> {
    let door = balancer::find(estate, Side::Home).await?;
    let Some(door) = door.as_ref().and_then(|it| it.load_balancer_arn()) else {
        return Ok(None);
    };
    let client = Client::new(&estate.aws.config(Side::Home).await?);
    let asked = client.get_web_acl_for_resource().resource_arn(door);
    let answer = match asked.send().await {
        Err(error) if trouble::is(&error, "WAFNonexistentItemException") => return Ok(None),
        other => {
            // AWS judges both rights for the one question.
            let what = "can't ask for the firewall (wafv2:GetWebACLForResource, wafv2:GetWebACL)";
            other.map_err(|error| trouble::of(what, &error))?
        }
    };
    Ok(answer.web_acl().map(|it| told(it, door)))
}

fn told(list: &WebAcl, door: &str) -> Value {
    let (refusing, counting): (Vec<_>, Vec<_>) = list
        .rules()
        .iter()
        .filter_map(|rule| Some((group(rule)?, rule)))
        .partition(|(_, rule)| refuses(rule));
    let names = |them: Vec<(String, &Rule)>| -> Vec<String> {
        them.into_iter().map(|(name, _)| name).collect()
    };
    json!({
        "arn": list.arn(),
        "resource_arn": door,
        "rule_groups": names(refusing),
        "counting": names(counting),
        "requests_an_address": list.rules().iter().filter_map(limit).min(),
    })
}

/// The group of AWS's that a rule stands for.
fn group(rule: &Rule) -> Option<String> {
    let group = rule.statement()?.managed_rule_group_statement()?;
    Some(group.name().to_owned())
}

/// A group that is told to count refuses nobody.
fn refuses(rule: &Rule) -> bool {
    let instead = rule.override_action();
    instead.is_none_or(|it| it.count().is_none())
}

/// How many requests of an address it lets through.
fn limit(rule: &Rule) -> Option<i64> {
    let limit = rule.statement()?.rate_based_statement()?;
    rule.action()?.block().map(|_| limit.limit())
}
