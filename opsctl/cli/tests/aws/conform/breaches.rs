//! One thing in the account is otherwise than Terraform made it: the lines that promise it turn red, and no other.

use serde_json::{Value, json};
use testkit_aws::Aws;

use super::furnished::{Furnished, LINES, POLICY};
use crate::stage::{ABROAD, INSTANCE, REGION};

type Change = fn(&mut Value);

/// What somebody changed in the console, and the lines that break by it.
const BREACHES: [(&str, Change, &[&str]); 22] = [
    (
        "another kind of load balancer",
        |it| set(it, "/LoadBalancers/0/Type", json!("network")),
        &["components.gateway"],
    ),
    (
        "no certificate",
        |it| set(it, "/Listeners/1/Certificates", json!([])),
        &["request.certificate"],
    ),
    (
        "a listener in the clear",
        |it| set(it, "/Listeners/1/Protocol", json!("HTTP")),
        &["flow.https"],
    ),
    (
        "an old policy",
        |it| {
            set(
                it,
                "/Listeners/1/SslPolicy",
                json!("ELBSecurityPolicy-2016-08"),
            )
        },
        &["balancer.https"],
    ),
    (
        "TLS 1.0 in the policy",
        |it| {
            set(
                it,
                "/SslPolicies/0/SslProtocols",
                json!(["TLSv1", "TLSv1.2"]),
            )
        },
        &["balancer.https"],
    ),
    (
        "a redirect into the clear",
        |it| {
            set(
                it,
                "/Listeners/0/DefaultActions/0/RedirectConfig/Protocol",
                json!("HTTP"),
            )
        },
        &["balancer.https"],
    ),
    (
        "no redirect",
        |it| set(it, "/Listeners/0/DefaultActions/0/Type", json!("forward")),
        &["interaction.client"],
    ),
    (
        "auth behind everything",
        |it| set(it, "/Rules/1/Priority", json!("40")),
        &["interaction.auth"],
    ),
    ("everything to auth", everything_to_auth, &["flow.forward"]),
    (
        "api is asked every minute",
        |it| set(it, "/TargetGroups/0/HealthCheckIntervalSeconds", json!(60)),
        &["balancer.health"],
    ),
    (
        "auth is asked every minute",
        |it| set(it, "/TargetGroups/1/HealthCheckIntervalSeconds", json!(60)),
        &["balancer.health"],
    ),
    (
        "late to notice",
        |it| set(it, "/TargetGroups/0/UnhealthyThresholdCount", json!(10)),
        &["balancer.failover"],
    ),
    ("one pod left", one_pod_left, &["balancer.failover"]),
    (
        "api in the clear",
        |it| set(it, "/TargetGroups/0/Protocol", json!("HTTP")),
        &["encryption.transit"],
    ),
    (
        "auth in the clear",
        |it| set(it, "/TargetGroups/1/Protocol", json!("HTTP")),
        &["encryption.transit"],
    ),
    (
        "no firewall",
        |it| set(it, "/WebAcls", json!([])),
        &["network.waf"],
    ),
    (
        "public addresses",
        |it| set(it, "/subnetSet/3/mapPublicIpOnLaunch", json!(true)),
        &["network.vpc"],
    ),
    (
        "a way out",
        |it| {
            push(
                it,
                "/routeTableSet/4/routeSet",
                json!({"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}),
            )
        },
        &["network.vpc"],
    ),
    (
        "a way out of the databases' subnets",
        |it| {
            push(
                it,
                "/routeTableSet/7/routeSet",
                json!({"destinationIpv6CidrBlock": "::/0", "egressOnlyInternetGatewayId": "eigw-1"}),
            )
        },
        &["network.vpc"],
    ),
    (
        "the database for everybody",
        |it| {
            push(
                it,
                "/securityGroupInfo/2/ipPermissions",
                json!({"ipRanges": [{"cidrIp": "0.0.0.0/0"}]}),
            )
        },
        &["network.groups"],
    ),
    (
        "the database for the host of engineers",
        |it| {
            push(
                it,
                "/securityGroupInfo/2/ipPermissions",
                json!({"groups": [{"groupId": "sg-platform-staging-access"}]}),
            )
        },
        &["network.groups"],
    ),
    (
        "the pods for everybody",
        |it| {
            push(
                it,
                "/securityGroupInfo/1/ipPermissions",
                json!({"ipv6Ranges": [{"cidrIpv6": "::/0"}]}),
            )
        },
        &["network.groups"],
    ),
];

fn set(standing: &mut Value, place: &str, to: Value) {
    *standing.pointer_mut(place).unwrap() = to;
}

fn push(standing: &mut Value, place: &str, more: Value) {
    let list = standing.pointer_mut(place).unwrap();
    list.as_array_mut().unwrap().push(more);
}

fn everything_to_auth(standing: &mut Value) {
    let auth = standing["Rules"][1]["Actions"].clone();
    set(standing, "/Rules/2/Actions", auth);
}

fn one_pod_left(standing: &mut Value) {
    for target in [0, 1] {
        let place = format!("/Targets/{target}/TargetHealth/State");
        set(standing, &place, json!("unhealthy"));
    }
}

#[test]
fn an_account_as_terraform_makes_it_holds_and_each_breach_turns_exactly_its_line_red() {
    let furnished = Furnished::new();
    let seen = furnished.look(0);
    assert_eq!(seen.those("holds"), LINES, "{seen:?}");
    let ground = furnished.stage.aws.ground();
    // An answer in many pages is the same answer.
    ground.set_longest_page(1);
    assert_eq!(furnished.look(0).those("holds"), LINES);
    for (what, change, red) in BREACHES {
        ground.change(Aws::ACCOUNT, REGION, change);
        let seen = furnished.look(6);
        assert_eq!(seen.those("broken"), red, "{what}: {seen:?}");
        assert_eq!(seen.those("unknown"), [""; 0], "{what}: {seen:?}");
        furnished.put_ground();
    }
    for group in 1..5 {
        let counts = format!("/WebAcls/0/WebACL/Rules/{group}/OverrideAction");
        ground.change(Aws::ACCOUNT, REGION, |it| {
            set(it, &counts, json!({"Count": {}}))
        });
        assert_eq!(
            furnished.look(6).those("broken"),
            ["network.waf"],
            "{group}"
        );
        furnished.put_ground();
    }
    assert_eq!(furnished.look(0).those("holds"), LINES, "all is as it was");
}

#[test]
fn what_is_gone_from_either_region_or_from_what_is_kept_turns_its_lines_red() {
    let furnished = Furnished::new();
    let ground = furnished.stage.aws.ground();
    let red = |lines: &[&str]| {
        let seen = furnished.look(6);
        assert_eq!(seen.those("broken"), lines, "{seen:?}");
        furnished.put_ground();
        furnished.keep_again();
        furnished.put_policy(POLICY);
    };
    // Without the listener there is nothing that any of these could be seen on.
    ground.change(Aws::ACCOUNT, REGION, |it| {
        set(it, "/Listeners/1/Port", json!(8443))
    });
    red(&[
        "balancer.https",
        "flow.forward",
        "flow.https",
        "interaction.auth",
        "interaction.client",
        "request.certificate",
        "request.https",
    ]);
    ground.change(Aws::ACCOUNT, ABROAD, |it| {
        set(it, "/LoadBalancers/0/State/Code", json!("failed"))
    });
    red(&["backup.outage"]);
    ground.change(Aws::ACCOUNT, ABROAD, |it| {
        set(it, "/LoadBalancers", json!([]))
    });
    red(&["backup.outage"]);
    ground.put_shield(Aws::ACCOUNT, "ACTIVE", &[]);
    red(&["network.shield"]);
    ground.put_shield(Aws::ACCOUNT, "INACTIVE", &[]);
    red(&["network.shield"]);
    for (bucket, line) in [
        ("backups", "interaction.backup"),
        ("logs", "log.retention"),
        ("reports", "report.stored"),
    ] {
        furnished.keep(bucket, 7);
        red(&[line]);
    }
    furnished.put_policy(r#"{"rules":[]}"#);
    red(&["image.staging"]);
    furnished.put_outputs("222222222222");
    red(&["access.accounts"]);
    furnished.put_outputs(Aws::ACCOUNT);
    let instance = format!("instance: {INSTANCE}");
    furnished.configure(|text| text.replace(&instance, "instance: another"));
    red(&["staging.database"]);
    furnished.configure(|text| text.replace("cache: platform-staging", "cache: another"));
    red(&["staging.cache"]);
    furnished.configure(ToOwned::to_owned);
    assert_eq!(furnished.look(0).those("holds"), LINES, "all is as it was");
}
