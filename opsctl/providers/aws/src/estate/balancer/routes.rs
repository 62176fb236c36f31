//! Which paths go to whom. Rules are read in their order, and a path counts for the first that takes it: behind `/*` nothing is reached.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::types::{Action, Rule};
use opsctl_core::Result;
use serde_json::{Value, json};

use super::door::{client, name};
use super::listeners::of_https;
use crate::account::Side;
use crate::estate::AwsEstate;
use crate::trouble;

/// The pattern of every path.
const EVERYTHING: &str = "/*";

/// By service, the paths that it gets.
pub async fn routes(estate: &AwsEstate) -> Result<Option<Value>> {
    let listener = of_https(estate).await?;
    let Some(arn) = listener.as_ref().and_then(|it| it.listener_arn()) else {
        return Ok(None);
    };
    let asked = client(estate, Side::Home).await?.describe_rules();
    let pages = asked.listener_arn(arn).into_paginator().items().send();
    let rules: std::result::Result<Vec<Rule>, _> = pages.collect().await;
    let what = "can't ask for the listener's rules (elasticloadbalancing:DescribeRules)";
    let rules = rules.map_err(|error| trouble::of(what, &error))?;
    let mut told = json!(reached(rules, &name(estate, Side::Home)));
    told["arn"] = json!(arn);
    Ok(Some(told))
}

fn reached(mut rules: Vec<Rule>, name: &str) -> BTreeMap<String, Vec<String>> {
    rules.sort_by_key(priority);
    let mut reached: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for rule in &rules {
        let Some(mut paths) = paths(rule) else {
            continue;
        };
        paths.retain(|path| taken.insert(path.clone()));
        for service in rule.actions().iter().flat_map(|it| services(it, name)) {
            reached.entry(service).or_default().extend(paths.clone());
        }
        if taken.contains(EVERYTHING) {
            break;
        }
    }
    reached
}

/// The default rule has a word in the place of a number.
fn priority(rule: &Rule) -> u32 {
    let number = rule.priority().and_then(|it| it.parse().ok());
    number.unwrap_or(u32::MAX)
}

/// The paths of a rule; `None` where it asks for something else as well, and so takes only some of them.
fn paths(rule: &Rule) -> Option<Vec<String>> {
    match rule.conditions() {
        [] => Some(vec![EVERYTHING.to_owned()]),
        [only] => {
            let values = only.path_pattern_config()?.values();
            (!values.is_empty()).then(|| values.to_vec())
        }
        _ => None,
    }
}

/// The services that an action hands on to, by the names of their target groups.
fn services(action: &Action, name: &str) -> Vec<String> {
    let weighed = action.forward_config().map(|it| it.target_groups());
    let weighed = weighed.unwrap_or_default().iter();
    let weighed = weighed.filter(|it| it.weight() != Some(0));
    let mut arns: BTreeSet<&str> = weighed.filter_map(|it| it.target_group_arn()).collect();
    arns.extend(action.target_group_arn());
    let groups = arns.into_iter().filter_map(|arn| arn.split('/').nth(1));
    let own = groups.map(|group| {
        let service = group.strip_prefix(name).and_then(|it| it.strip_prefix('-'));
        service.unwrap_or(group).to_owned()
    });
    own.collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::{
        ActionTypeEnum, PathPatternConditionConfig, RuleCondition,
    };

    use super::*;

    fn rule(priority: &str, path: Option<&str>, service: Option<&str>) -> Rule {
        let action = match service {
            Some(service) => Action::builder()
                .r#type(ActionTypeEnum::Forward)
                .target_group_arn(format!("arn:aws:x:targetgroup/platform-{service}/1")),
            None => Action::builder().r#type(ActionTypeEnum::FixedResponse),
        };
        let condition = path.map(|path| {
            let pattern = PathPatternConditionConfig::builder().values(path).build();
            RuleCondition::builder()
                .path_pattern_config(pattern)
                .build()
        });
        Rule::builder()
            .priority(priority)
            .set_conditions(Some(condition.into_iter().collect()))
            .actions(action.build())
            .build()
    }

    fn told(rules: Vec<Rule>) -> Value {
        json!(reached(rules, "platform"))
    }

    #[test]
    fn a_path_belongs_to_the_first_rule_that_takes_it() {
        let rules = vec![
            rule("default", None, Some("api")),
            rule("30", Some("/*"), Some("api")),
            rule("20", Some("/auth/*"), Some("auth")),
            rule("10", Some("/metrics"), None),
        ];
        assert_eq!(told(rules), json!({"auth": ["/auth/*"], "api": ["/*"]}));
    }

    #[test]
    fn what_stands_behind_everything_gets_nothing() {
        let rules = vec![
            rule("5", Some("/*"), Some("api")),
            rule("20", Some("/auth/*"), Some("auth")),
        ];
        assert_eq!(told(rules), json!({"api": ["/*"]}));
        let rules = vec![
            rule("5", Some("/auth/*"), None),
            rule("20", Some("/auth/*"), Some("auth")),
        ];
        assert_eq!(told(rules), json!({"auth": []}));
    }
}
