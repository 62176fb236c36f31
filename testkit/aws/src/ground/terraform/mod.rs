//! What `infra/terraform` leaves in an account and region, in AWS's own shapes and as far as it is asked for. A test holds it against the
//! modules.

mod door;
mod firewall;
mod network;

use serde_json::{Map, Value};

/// Where it stands, and what it is called.
#[derive(Clone, Copy)]
struct Place<'a> {
    account: &'a str,
    region: &'a str,
    name: &'a str,
}

/// Everything of an environment that is called so, as [`crate::ground::Ground::put`] takes it.
#[must_use]
pub fn as_terraform_makes_it(account: &str, region: &str, name: &str) -> Value {
    let place = Place {
        account,
        region,
        name,
    };
    let parts = [
        door::of(place),
        firewall::of(place),
        network::of(place),
        network::groups(place),
    ];
    let members = parts.into_iter().filter_map(|part| match part {
        Value::Object(members) => Some(members),
        _ => None,
    });
    let all: Map<String, Value> = members.flatten().collect();
    Value::Object(all)
}

impl Place<'_> {
    fn vpc(&self) -> String {
        format!("vpc-{}", self.name)
    }

    fn zones(&self) -> [String; 3] {
        ["a", "b", "c"].map(|letter| format!("{}{letter}", self.region))
    }

    /// An ARN of Elastic Load Balancing.
    fn arn(&self, rest: &str) -> String {
        let Place {
            account, region, ..
        } = self;
        format!("arn:aws:elasticloadbalancing:{region}:{account}:{rest}")
    }

    fn load_balancer(&self) -> String {
        self.arn(&format!("loadbalancer/app/{}/50dc6c495c0c9188", self.name))
    }
}
