//! `modules/waf`: the access list before the load balancer, without what it judges bodies by.

use serde_json::{Value, json};

use super::Place;

const GROUPS: [(&str, &str); 4] = [
    ("reputation", "AWSManagedRulesAmazonIpReputationList"),
    ("known-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
    ("common", "AWSManagedRulesCommonRuleSet"),
    ("sql", "AWSManagedRulesSQLiRuleSet"),
];

pub(super) fn of(place: Place<'_>) -> Value {
    let Place {
        account,
        region,
        name,
    } = place;
    let watched = |metric: &str| {
        json!({
            "SampledRequestsEnabled": true,
            "CloudWatchMetricsEnabled": true,
            "MetricName": format!("{name}-{metric}"),
        })
    };
    let limit = json!({
        "Name": "limit-an-address",
        "Priority": 0,
        "Action": {"Block": {}},
        "Statement": {"RateBasedStatement": {
            "Limit": 12000, "EvaluationWindowSec": 60, "AggregateKeyType": "IP",
        }},
        "VisibilityConfig": watched("limit-an-address"),
    });
    let groups = GROUPS.iter().zip(1..).map(|((called, group), place)| {
        json!({
            "Name": called,
            "Priority": place * 10,
            "OverrideAction": {"None": {}},
            "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": group}},
            "VisibilityConfig": watched(called),
        })
    });
    let rules: Vec<Value> = std::iter::once(limit).chain(groups).collect();
    json!({"WebAcls": [{
        "ResourceArn": place.load_balancer(),
        "WebACL": {
            "Name": name,
            "Id": "of-the-load-balancer",
            "ARN": format!("arn:aws:wafv2:{region}:{account}:regional/webacl/{name}/of-the-load-balancer"),
            "DefaultAction": {"Allow": {}},
            "Rules": rules,
            "VisibilityConfig": watched("all"),
            "Capacity": 1500,
        },
    }]})
}
