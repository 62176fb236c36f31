//! What leads out of the network. Subnets by their names, as Terraform makes them: the load balancer's and those behind the firewall of
//! allow-listed egress may lead out, nothing else may.

use std::collections::BTreeMap;

use opsctl_core::Result;
use serde_json::{Value, json};

use super::answer::Element;
use super::ec2::Question;
use super::vpc;
use crate::estate::AwsEstate;

/// Targets of routes that stay inside: the network itself, endpoints of AWS (a firewall's too), the peered backup region.
const INSIDE: [&str; 3] = ["local", "vpce-", "pcx-"];
/// Where a route's target may stand.
const TARGETS: [&str; 9] = [
    "gatewayId",
    "natGatewayId",
    "egressOnlyInternetGatewayId",
    "instanceId",
    "networkInterfaceId",
    "transitGatewayId",
    "vpcPeeringConnectionId",
    "carrierGatewayId",
    "localGatewayId",
];
/// What kind of subnet may lead out, and to what: the load balancer's, those of allow-listed egress.
const MAY: [(&str, &str); 3] = [
    ("public", "igw-"),
    ("way-out", "igw-"),
    ("firewall", "nat-"),
];

/// The network that is called after the environment.
pub async fn describe(estate: &AwsEstate) -> Result<Option<Value>> {
    let Some((ec2, name, id)) = vpc(estate).await? else {
        return Ok(None);
    };
    let filter = ("vpc-id", id.as_str());
    let subnets = ec2.ask(Question {
        action: "DescribeSubnets",
        set: "subnetSet",
        filter,
    });
    let subnets = subnets.await?;
    let tables = ec2.ask(Question {
        action: "DescribeRouteTables",
        set: "routeTableSet",
        filter,
    });
    let tables = Tables::of(tables.await?);
    let mut ways_out = Vec::new();
    for subnet in &subnets {
        let called = subnet.tag("Name").unwrap_or_default();
        let kind = kind(called, &name);
        let routes = tables.routes(subnet.text("subnetId").unwrap_or_default());
        let strays = routes.filter(|(_, target)| !may(kind, target));
        ways_out.extend(strays.map(|(to, target)| format!("{called}: {to} by {target}")));
    }
    let public = |it: &&Element| it.text("mapPublicIpOnLaunch") == Some("true");
    Ok(Some(json!({
        "arn": id,
        "subnets": subnets.len(),
        "map_public_ip_on_launch": subnets.iter().filter(public).count() > 0,
        "ways_out": ways_out,
    })))
}

/// `private` of `platform-production-private-eu-central-1a`.
fn kind<'a>(called: &'a str, name: &str) -> &'a str {
    let rest = called
        .strip_prefix(name)
        .and_then(|it| it.strip_prefix('-'));
    rest.unwrap_or(called)
}

fn may(kind: &str, target: &str) -> bool {
    let inside = INSIDE.iter().any(|inside| target.starts_with(inside));
    let out = MAY.iter().any(|(open, to)| {
        let rest = kind.strip_prefix(open);
        rest.is_some_and(|rest| rest.starts_with('-')) && target.starts_with(to)
    });
    inside || out
}

/// Route tables, by the subnets that they are for; the main one is for whoever has none of their own.
struct Tables {
    own: BTreeMap<String, Element>,
    main: Option<Element>,
}

impl Tables {
    fn of(tables: Vec<Element>) -> Self {
        let mut own = BTreeMap::new();
        let mut main = None;
        for table in tables {
            for association in table.items("associationSet") {
                if association.text("main") == Some("true") {
                    main = Some(table.clone());
                }
                if let Some(subnet) = association.text("subnetId") {
                    own.insert(subnet.to_owned(), table.clone());
                }
            }
        }
        Self { own, main }
    }

    /// Where to, and by what; a route whose target is gone leads nowhere.
    fn routes(&self, subnet: &str) -> impl Iterator<Item = (&str, &str)> {
        let table = self.own.get(subnet).or(self.main.as_ref());
        let routes = table.into_iter().flat_map(|it| it.items("routeSet"));
        let alive = routes.filter(|it| it.text("state") != Some("blackhole"));
        alive.map(|route| {
            let to = [
                "destinationCidrBlock",
                "destinationIpv6CidrBlock",
                "destinationPrefixListId",
            ];
            let to = to.iter().find_map(|name| route.text(name));
            let target = TARGETS.iter().find_map(|name| route.text(name));
            (
                to.unwrap_or("somewhere"),
                target.unwrap_or("something unknown"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_load_balancers_subnets_and_those_of_egress_lead_out() {
        for (kind, target) in [
            ("public-a", "igw-1"),
            ("way-out-a", "igw-1"),
            ("firewall-a", "nat-1"),
            ("private-a", "vpce-1"),
            ("data-a", "local"),
            ("private-a", "pcx-1"),
        ] {
            assert!(may(kind, target), "{kind} {target}");
        }
        for (kind, target) in [
            ("private-a", "igw-1"),
            ("private-a", "nat-1"),
            ("data-a", "tgw-1"),
            ("firewall-a", "igw-1"),
            ("public", "igw-1"),
            ("publicised-a", "igw-1"),
            ("anything", "eni-1"),
            ("private-a", "something unknown"),
        ] {
            assert!(!may(kind, target), "{kind} {target}");
        }
    }

    #[test]
    fn a_subnet_without_a_table_of_its_own_goes_by_the_main_one() {
        let table = |association: &str, target: &str| {
            Element::read(&format!(
                "<item><associationSet><item>{association}</item></associationSet><routeSet>\
                 <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>{target}</gatewayId></item>\
                 <item><gatewayId>igw-gone</gatewayId><state>blackhole</state></item></routeSet></item>"
            ))
            .unwrap()
        };
        let tables = Tables::of(vec![
            table("<main>true</main>", "igw-1"),
            table("<subnetId>subnet-1</subnetId>", "vpce-1"),
        ]);
        let told = |subnet| -> Vec<_> { tables.routes(subnet).collect() };
        assert_eq!(told("subnet-1"), [("0.0.0.0/0", "vpce-1")]);
        assert_eq!(told("subnet-2"), [("0.0.0.0/0", "igw-1")]);
    }
}
