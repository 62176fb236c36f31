//! `modules/load-balancer`: the load balancer, its listeners and rules, and its target groups with three pods each.

use serde_json::{Value, json};

use super::Place;

/// As the module has it by default.
const POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";
/// The pods that answer.
const PODS: [&str; 3] = ["10.20.32.10", "10.20.64.10", "10.20.96.10"];

pub(super) fn of(place: Place<'_>) -> Value {
    let door = place.load_balancer();
    let zones = place.zones();
    let zones = zones.iter().map(|zone| {
        let subnet = format!("subnet-public-{zone}");
        json!({"ZoneName": zone, "SubnetId": subnet})
    });
    let all_targets = ["api", "auth"].map(|service| targets(place, service));
    let all_targets = all_targets.concat();
    json!({
        "LoadBalancers": [{
            "LoadBalancerArn": door,
            "LoadBalancerName": place.name,
            "DNSName": format!("{}-1.{}.elb.amazonaws.com", place.name, place.region),
            "Scheme": "internet-facing",
            "Type": "application",
            "State": {"Code": "active"},
            "VpcId": place.vpc(),
            "AvailabilityZones": zones.collect::<Vec<_>>(),
            "SecurityGroups": [format!("sg-{}-load-balancer", place.name)],
        }],
        "Listeners": listeners(place, &door),
        "Rules": rules(place),
        "SslPolicies": [
            policy(POLICY, &["TLSv1.2", "TLSv1.3"]),
            policy("ELBSecurityPolicy-2016-08", &["TLSv1", "TLSv1.1", "TLSv1.2"]),
        ],
        "TargetGroups": [target_group(place, "api"), target_group(place, "auth")],
        "Targets": all_targets,
    })
}

fn policy(name: &str, protocols: &[&str]) -> Value {
    json!({
        "Name": name,
        "SslProtocols": protocols,
        "Ciphers": [{"Name": "ECDHE-RSA-AES128-GCM-SHA256", "Priority": 1}],
        "SupportedLoadBalancerTypes": ["application", "network"],
    })
}

fn listener(place: Place<'_>, port: u16) -> String {
    let name = place.name;
    place.arn(&format!("listener/app/{name}/50dc6c495c0c9188/{port}"))
}

fn group(place: Place<'_>, service: &str) -> String {
    place.arn(&format!(
        "targetgroup/{}-{service}/6d0ecf831eec9f09",
        place.name
    ))
}

fn forward(place: Place<'_>, service: &str) -> Value {
    let arn = group(place, service);
    json!({
        "Type": "forward",
        "TargetGroupArn": arn,
        "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn, "Weight": 1}]},
    })
}

fn listeners(place: Place<'_>, door: &str) -> Value {
    let Place {
        account, region, ..
    } = place;
    let certificate = format!("arn:aws:acm:{region}:{account}:certificate/of-the-public-name");
    let redirect = json!({
        "Protocol": "HTTPS",
        "Port": "443",
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
        "StatusCode": "HTTP_301",
    });
    json!([
        {
            "ListenerArn": listener(place, 80),
            "LoadBalancerArn": door,
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [{"Type": "redirect", "RedirectConfig": redirect}],
        },
        {
            "ListenerArn": listener(place, 443),
            "LoadBalancerArn": door,
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": POLICY,
            "Certificates": [{"CertificateArn": certificate}],
            "DefaultActions": [forward(place, "api")],
        },
    ])
}

fn rules(place: Place<'_>) -> Value {
    let listener = listener(place, 443);
    let rule = |priority: &str, paths: &[&str], action: Value| {
        let condition = json!({
            "Field": "path-pattern",
            "Values": paths,
            "PathPatternConfig": {"Values": paths},
        });
        let own = (!paths.is_empty()).then_some(condition);
        json!({
            "ListenerArn": listener,
            "RuleArn": format!("{listener}/{priority}").replace(":listener/", ":listener-rule/"),
            "Priority": priority,
            "Conditions": own.into_iter().collect::<Vec<_>>(),
            "Actions": [action],
            "IsDefault": paths.is_empty(),
        })
    };
    let not_found = json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}});
    json!([
        rule("10", &["/metrics", "/internal/*"], not_found),
        rule(
            "20",
            &["/auth/*", "/.well-known/jwks.json"],
            forward(place, "auth")
        ),
        rule("30", &["/*"], forward(place, "api")),
        rule("default", &[], forward(place, "api")),
    ])
}

fn target_group(place: Place<'_>, service: &str) -> Value {
    json!({
        "TargetGroupArn": group(place, service),
        "TargetGroupName": format!("{}-{service}", place.name),
        "Protocol": "HTTPS",
        "Port": 8000,
        "VpcId": place.vpc(),
        "TargetType": "ip",
        "HealthCheckEnabled": true,
        "HealthCheckProtocol": "HTTPS",
        "HealthCheckPath": "/health/ready",
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 4,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 2,
        "Matcher": {"HttpCode": "200"},
        "LoadBalancerArns": [place.load_balancer()],
    })
}

fn targets(place: Place<'_>, service: &str) -> Vec<Value> {
    let zones = place.zones();
    let pods = PODS.iter().zip(&zones).map(|(pod, zone)| {
        json!({
            "TargetGroupArn": group(place, service),
            "Target": {"Id": pod, "Port": 8000, "AvailabilityZone": zone},
            "HealthCheckPort": "8000",
            "TargetHealth": {"State": "healthy"},
        })
    });
    pods.collect()
}
