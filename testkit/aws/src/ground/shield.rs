//! Shield: whether an account has its advanced kind, and what that protects. Whoever has it not, has no protections either.

use serde_json::{Value, json};

use super::standing::Standing;
use crate::endpoint::{Action, Asked, Refusal};

const ACTIVE: &str = "ACTIVE";

pub(super) const ACTIONS: &[Action<Standing, Value>] = &[
    Action {
        name: "DescribeProtection",
        honours: &["ResourceArn"],
        run: protection,
    },
    Action {
        name: "GetSubscriptionState",
        honours: &[],
        run: subscription,
    },
];

fn state(here: &Standing) -> &str {
    here.all["subscription"].as_str().unwrap_or("INACTIVE")
}

fn subscription(here: &mut Standing, _: &Asked) -> Result<Value, Refusal> {
    Ok(json!({"SubscriptionState": state(here)}))
}

fn protection(here: &mut Standing, asked: &Asked) -> Result<Value, Refusal> {
    let arn = asked.parameters.required("ResourceArn")?;
    let none = |message: &str| Err(Refusal::new("ResourceNotFoundException", message));
    if state(here) != ACTIVE {
        return none("The subscription does not exist.");
    }
    if !here.every("protected").iter().any(|it| it == arn) {
        return none("The referenced protection does not exist.");
    }
    let account = &asked.home.account;
    let name = arn.split('/').nth(2).unwrap_or(arn);
    Ok(json!({"Protection": {
        "Id": name,
        "Name": format!("{name}-load-balancer"),
        "ResourceArn": arn,
        "ProtectionArn": format!("arn:aws:shield::{account}:protection/{name}"),
    }}))
}
