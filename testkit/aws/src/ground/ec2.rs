//! EC2, as far as networks go: it describes what stands there.

use serde_json::Value;

use super::{
    pages::{Words, page},
    standing::{Standing, list},
};
use crate::endpoint::{Action, Asked, Elements, Refusal};

const HONOURS: &[&str] = &["Filter", "NextToken", "MaxResults"];

const fn action(
    name: &'static str,
    run: fn(&mut Standing, &Asked) -> Result<Elements, Refusal>,
) -> Action<Standing, Elements> {
    let honours = HONOURS;
    Action { name, honours, run }
}

pub(super) const ACTIONS: &[Action<Standing, Elements>] = &[
    action("DescribeRouteTables", |here, asked| {
        described(here, asked, "routeTableSet")
    }),
    action("DescribeSecurityGroups", |here, asked| {
        described(here, asked, "securityGroupInfo")
    }),
    action("DescribeSubnets", |here, asked| {
        described(here, asked, "subnetSet")
    }),
    action("DescribeVpcs", |here, asked| {
        described(here, asked, "vpcSet")
    }),
];

const PAGES: Words = Words {
    size: "MaxResults",
    token: "NextToken",
    wrong: "InvalidNextToken",
};

fn described(here: &Standing, asked: &Asked, set: &str) -> Result<Elements, Refusal> {
    let mut found = here.every(set);
    for (name, wanted) in filters(asked) {
        if name != "vpc-id" && !name.starts_with("tag:") {
            let message = format!("testkit-aws does not reproduce the filter {name}");
            return Err(Refusal::new("NotReproduced", message));
        }
        found.retain(|it| has(it, &name, &wanted));
    }
    let (found, next) = page(found, &PAGES, (here, asked))?;
    Ok(Elements::new()
        .inside(set, list(&found, "item"))
        .optional("nextToken", next))
}

/// Each filter with its values.
fn filters(asked: &Asked) -> Vec<(String, Vec<String>)> {
    let filter = |number: usize| {
        let name = asked.parameters.owned(&format!("Filter.{number}.Name"))?;
        let values = asked.parameters.list(&format!("Filter.{number}.Value"));
        Some((name, values.unwrap_or_default()))
    };
    (1..).map_while(filter).collect()
}

fn has(it: &Value, filter: &str, wanted: &[String]) -> bool {
    let own = match filter.strip_prefix("tag:") {
        None => it["vpcId"].as_str(),
        Some(key) => {
            let mut tags = it["tagSet"].as_array().into_iter().flatten();
            let tag = tags.find(|tag| tag["key"] == key);
            tag.and_then(|tag| tag["value"].as_str())
        }
    };
    own.is_some_and(|own| wanted.iter().any(|it| it == own))
}
