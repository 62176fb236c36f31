//! `modules/network`, `modules/peering` and `modules/security-groups`: subnets, what is routed out of them, and who may speak to whom.

use serde_json::{Value, json};

use super::Place;

/// The kinds of subnets, and where the last number but one of their first address begins.
const KINDS: [(&str, usize); 3] = [("public", 0), ("private", 32), ("data", 8)];

pub(super) fn of(place: Place<'_>) -> Value {
    let vpc = place.vpc();
    let mut subnets = Vec::new();
    let mut tables = vec![table(&vpc, "main", &[json!({"main": true})], None)];
    for (kind, first) in KINDS {
        for (at, zone) in place.zones().iter().enumerate() {
            let id = format!("subnet-{kind}-{zone}");
            subnets.push(json!({
                "subnetId": id,
                "vpcId": vpc,
                "availabilityZone": zone,
                "cidrBlock": format!("10.20.{}.0/24", first + at),
                "mapPublicIpOnLaunch": false,
                "tagSet": [{"key": "Name", "value": format!("{}-{kind}-{zone}", place.name)}],
            }));
            let out = (kind == "public").then(|| json!({"gatewayId": "igw-1"}));
            let own = [json!({"main": false, "subnetId": id})];
            tables.push(table(&vpc, &format!("{kind}-{zone}"), &own, out));
        }
    }
    json!({
        "vpcSet": [{
            "vpcId": vpc,
            "cidrBlock": "10.20.0.0/16",
            "state": "available",
            "tagSet": [{"key": "Name", "value": place.name}],
        }],
        "subnetSet": subnets,
        "routeTableSet": tables,
    })
}

/// Everybody reaches the network itself, the private ones S3 by its gateway and the backup region by peering.
fn table(vpc: &str, called: &str, for_whom: &[Value], out: Option<Value>) -> Value {
    let mut routes = vec![
        json!({"destinationCidrBlock": "10.20.0.0/16", "gatewayId": "local", "state": "active"}),
    ];
    if called.starts_with("private") {
        routes.push(
            json!({"destinationPrefixListId": "pl-s3", "gatewayId": "vpce-s3", "state": "active"}),
        );
        routes.push(json!({"destinationCidrBlock": "10.21.0.0/16", "vpcPeeringConnectionId": "pcx-1", "state": "active"}));
    }
    if let Some(mut out) = out {
        out["destinationCidrBlock"] = json!("0.0.0.0/0");
        out["state"] = json!("active");
        routes.push(out);
    }
    json!({
        "routeTableId": format!("rtb-{called}"),
        "vpcId": vpc,
        "routeSet": routes,
        "associationSet": for_whom,
    })
}

pub(super) fn groups(place: Place<'_>) -> Value {
    let id = |name: &str| format!("sg-{}-{name}", place.name);
    let from = |name: &str, port: u16| {
        json!({
            "ipProtocol": "tcp", "fromPort": port, "toPort": port,
            "groups": [{"userId": place.account, "groupId": id(name)}],
            "ipRanges": [],
        })
    };
    let anybody = |port: u16| {
        json!({
            "ipProtocol": "tcp", "fromPort": port, "toPort": port,
            "groups": [], "ipRanges": [{"cidrIp": "0.0.0.0/0"}],
        })
    };
    let among =
        json!({"ipProtocol": "-1", "groups": [{"userId": place.account, "groupId": id("pods")}]});
    let peer = json!({
        "ipProtocol": "tcp", "fromPort": 443, "toPort": 443,
        "ipRanges": [{"cidrIp": "10.21.0.0/16"}],
    });
    let group = |name: &str, let_in: Vec<Value>| {
        json!({
            "groupId": id(name),
            "groupName": format!("{}-{name}", place.name),
            "vpcId": place.vpc(),
            "ipPermissions": let_in,
        })
    };
    json!({"securityGroupInfo": [
        group("load-balancer", vec![anybody(80), anybody(443)]),
        group("pods", vec![from("load-balancer", 8000), from("access", 443), among]),
        group("database", vec![from("pods", 5432)]),
        group("cache", vec![from("pods", 6379)]),
        group("drills", vec![from("pods", 5432)]),
        group("access", vec![]),
        group("endpoints", vec![peer]),
    ]})
}
