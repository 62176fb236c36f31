//! Elastic Load Balancing, second version: it describes what stands there, and nobody connects to it.

use serde_json::Value;

use super::{
    pages::{Words, page},
    standing::{Standing, list},
};
use crate::endpoint::{Action, Asked, Elements, Refusal};

type Run = fn(&mut Standing, &Asked) -> Result<Elements, Refusal>;

const fn action(
    name: &'static str,
    honours: &'static [&'static str],
    run: Run,
) -> Action<Standing, Elements> {
    Action { name, honours, run }
}

pub(super) const ACTIONS: &[Action<Standing, Elements>] = &[
    action(
        "DescribeListeners",
        &["LoadBalancerArn", "Marker", "PageSize"],
        listeners,
    ),
    action(
        "DescribeLoadBalancers",
        &["Names", "Marker", "PageSize"],
        load_balancers,
    ),
    action(
        "DescribeRules",
        &["ListenerArn", "Marker", "PageSize"],
        rules,
    ),
    action(
        "DescribeSSLPolicies",
        &["Names", "Marker", "PageSize"],
        ssl_policies,
    ),
    action(
        "DescribeTargetGroups",
        &["Names", "Marker", "PageSize"],
        target_groups,
    ),
    action("DescribeTargetHealth", &["TargetGroupArn"], target_health),
];

const PAGES: Words = Words {
    size: "PageSize",
    token: "Marker",
    wrong: "ValidationError",
};

fn load_balancers(here: &mut Standing, asked: &Asked) -> Result<Elements, Refusal> {
    let found = named(here, asked, ("LoadBalancers", "LoadBalancerName"))?;
    paged("LoadBalancers", found, (here, asked))
}

fn target_groups(here: &mut Standing, asked: &Asked) -> Result<Elements, Refusal> {
    let found = named(here, asked, ("TargetGroups", "TargetGroupName"))?;
    paged("TargetGroups", found, (here, asked))
}

fn ssl_policies(here: &mut Standing, asked: &Asked) -> Result<Elements, Refusal> {
    let found = named(here, asked, ("SslPolicies", "Name"))?;
    paged("SslPolicies", found, (here, asked))
}

fn listeners(here: &mut Standing, asked: &Asked) -> Result<Elements, Refusal> {
    let of = [asked.parameters.required("LoadBalancerArn")?.to_owned()];
    must_be_there(here, ("LoadBalancers", "LoadBalancerArn"), &of)?;
    let found = here.those("Listeners", "LoadBalancerArn", &of);
    paged("Listeners", found, (here, asked))
}

fn rules(here: &mut Standing, asked: &Asked) -> Result<Elements, Refusal> {
    let of = [asked.parameters.required("ListenerArn")?.to_owned()];
    must_be_there(here, ("Listeners", "ListenerArn"), &of)?;
    let mut found = here.those("Rules", "ListenerArn", &of);
    for rule in &mut found {
        // Whose it is, an answer does not say.
        rule["ListenerArn"] = Value::Null;
    }
    paged("Rules", found, (here, asked))
}

fn target_health(here: &mut Standing, asked: &Asked) -> Result<Elements, Refusal> {
    let of = [asked.parameters.required("TargetGroupArn")?.to_owned()];
    must_be_there(here, ("TargetGroups", "TargetGroupArn"), &of)?;
    let mut found = here.those("Targets", "TargetGroupArn", &of);
    for target in &mut found {
        target["TargetGroupArn"] = Value::Null;
    }
    let members = list(&found, "member");
    Ok(Elements::new().inside("TargetHealthDescriptions", members))
}

/// By `Names`, each of which must be there; without any of them everything.
fn named(
    here: &Standing,
    asked: &Asked,
    (kind, member): (&str, &str),
) -> Result<Vec<Value>, Refusal> {
    match asked.parameters.list("Names.member") {
        None => Ok(here.every(kind)),
        Some(names) => {
            must_be_there(here, (kind, member), &names)?;
            Ok(here.those(kind, member, &names))
        }
    }
}

fn must_be_there(
    here: &Standing,
    (kind, member): (&str, &str),
    wanted: &[String],
) -> Result<(), Refusal> {
    if here.those(kind, member, wanted).len() >= wanted.len() {
        return Ok(());
    }
    let (code, what) = match kind {
        "LoadBalancers" => ("LoadBalancerNotFound", "load balancers"),
        "Listeners" => ("ListenerNotFound", "listeners"),
        "TargetGroups" => ("TargetGroupNotFound", "target groups"),
        _ => ("SSLPolicyNotFound", "policies"),
    };
    Err(Refusal::new(code, format!("One or more {what} not found")))
}

fn paged(
    kind: &str,
    found: Vec<Value>,
    question: (&Standing, &Asked),
) -> Result<Elements, Refusal> {
    let (found, next) = page(found, &PAGES, question)?;
    let members = list(&found, "member");
    Ok(Elements::new()
        .inside(kind, members)
        .optional("NextMarker", next))
}
