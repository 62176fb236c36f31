//! What only stands there: load balancers, firewalls, networks, what Shield protects. Put by whoever furnishes, read over the wire.

use std::time::SystemTime;

use anyhow::{Context, Result};
use aws_sdk_elasticloadbalancingv2::config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use http_body_util::Full;
use hyper::Request;
use serde_json::json;
use testkit_aws::{Aws, Fault, Rule, Times, ground::as_terraform_makes_it};

use crate::{
    http::answered,
    stage::{ABROAD, REGION, code, credentials},
};

const NAME: &str = "platform-staging";

async fn furnished() -> Result<Aws> {
    let aws = Aws::start().await?;
    let standing = as_terraform_makes_it(Aws::ACCOUNT, REGION, NAME);
    aws.ground().put(Aws::ACCOUNT, REGION, standing);
    Ok(aws)
}

macro_rules! client {
    ($sdk:ident, $aws:expr, $region:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new($region))
                .endpoint_url($aws.url())
                .credentials_provider(credentials(&$aws.account().keys))
                .retry_config(RetryConfig::disabled())
                .build(),
        )
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_is_described_with_all_that_hangs_on_it() -> Result<()> {
    let aws = furnished().await?;
    let elb = client!(aws_sdk_elasticloadbalancingv2, aws, REGION);
    let told = elb.describe_load_balancers().names(NAME).send().await?;
    let door = told.load_balancers().first().context("none")?;
    assert_eq!(door.r#type().map(|it| it.as_str()), Some("application"));
    assert_eq!(door.availability_zones().len(), 3);
    let arn = door.load_balancer_arn().context("no ARN")?;
    let told = elb
        .describe_listeners()
        .load_balancer_arn(arn)
        .send()
        .await?;
    let https = told.listeners().iter().find(|it| it.port() == Some(443));
    let https = https.context("no HTTPS")?;
    let policy = https.ssl_policy().context("no policy")?;
    let told = elb.describe_ssl_policies().names(policy).send().await?;
    assert_eq!(
        told.ssl_policies()[0].ssl_protocols(),
        ["TLSv1.2", "TLSv1.3"]
    );
    let listener = https.listener_arn().context("no ARN")?;
    let told = elb.describe_rules().listener_arn(listener).send().await?;
    let paths = told.rules()[1].conditions()[0].path_pattern_config();
    assert_eq!(paths.context("no paths")?.values()[0], "/auth/*");
    assert_eq!(told.rules()[3].is_default(), Some(true));
    let group = format!("{NAME}-api");
    let told = elb.describe_target_groups().names(group).send().await?;
    let group = told.target_groups().first().context("none")?;
    assert_eq!(group.health_check_interval_seconds(), Some(30));
    let asked = elb.describe_target_health();
    let asked = asked.target_group_arn(group.target_group_arn().context("no ARN")?);
    assert_eq!(asked.send().await?.target_health_descriptions().len(), 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_stand_there_is_refused_by_the_codes_of_the_wire() -> Result<()> {
    let aws = furnished().await?;
    let elb = client!(aws_sdk_elasticloadbalancingv2, aws, REGION);
    let asked = elb.describe_load_balancers().names("another");
    assert_eq!(code(asked.send().await), "LoadBalancerNotFound");
    let asked = elb.describe_target_groups().names("another");
    assert_eq!(code(asked.send().await), "TargetGroupNotFound");
    let asked = elb.describe_listeners().load_balancer_arn("arn:another");
    assert_eq!(code(asked.send().await), "LoadBalancerNotFound");
    let asked = elb.describe_rules().listener_arn("arn:another");
    assert_eq!(code(asked.send().await), "ListenerNotFound");
    let asked = elb.describe_ssl_policies().names("another");
    assert_eq!(code(asked.send().await), "SSLPolicyNotFound");
    let elsewhere = client!(aws_sdk_elasticloadbalancingv2, aws, ABROAD);
    let asked = elsewhere.describe_load_balancers().names(NAME);
    assert_eq!(code(asked.send().await), "LoadBalancerNotFound");
    let asked = elb.describe_account_limits();
    assert_eq!(code(asked.send().await), "InvalidAction");
    let by_arn = elb.describe_load_balancers().load_balancer_arns("arn:x");
    assert_eq!(code(by_arn.send().await), "NotReproduced");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn long_answers_come_in_pages_without_a_gap() -> Result<()> {
    let aws = furnished().await?;
    aws.ground().set_longest_page(3);
    let elb = client!(aws_sdk_elasticloadbalancingv2, aws, REGION);
    let listeners = aws.ground().standing(Aws::ACCOUNT, REGION)["Listeners"].clone();
    let listener = listeners[1]["ListenerArn"]
        .as_str()
        .context("none")?
        .to_owned();
    let first = elb.describe_rules().listener_arn(&listener).send().await?;
    assert_eq!(first.rules().len(), 3);
    let marker = first.next_marker().context("no second page")?;
    let second = elb.describe_rules().listener_arn(&listener).marker(marker);
    let second = second.send().await?;
    assert_eq!(second.rules().len(), 1);
    assert_eq!(second.next_marker(), None);
    let wrong = elb.describe_rules().listener_arn(&listener).marker("x");
    assert_eq!(code(wrong.send().await), "ValidationError");
    let form = "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-platform-staging";
    let first = ask_ec2(&aws, form).await?.1;
    assert_eq!(first.matches("<subnetId>").count(), 3);
    let token = between(&first, "<nextToken>", "</nextToken>").context("no second page")?;
    let third = format!("{form}&NextToken={}", token.replace('3', "6"));
    let third = ask_ec2(&aws, &third).await?.1;
    assert_eq!(third.matches("<subnetId>").count(), 3);
    assert!(!third.contains("nextToken"), "{third}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firewall_is_found_by_the_load_balancer_that_it_stands_before() -> Result<()> {
    let aws = furnished().await?;
    let waf = client!(aws_sdk_wafv2, aws, REGION);
    let standing = aws.ground().standing(Aws::ACCOUNT, REGION);
    let door = standing["LoadBalancers"][0]["LoadBalancerArn"].as_str();
    let door = door.context("no ARN")?;
    let ask = || waf.get_web_acl_for_resource().resource_arn(door).send();
    let told = ask().await?;
    let list = told.web_acl().context("none")?;
    assert_eq!(list.rules().len(), 5);
    let group = list.rules()[1]
        .statement()
        .and_then(|it| it.managed_rule_group_statement());
    assert_eq!(
        group.context("none")?.name(),
        "AWSManagedRulesAmazonIpReputationList"
    );
    let nobody = waf.get_web_acl_for_resource().resource_arn("arn:another");
    assert_eq!(code(nobody.send().await), "WAFNonexistentItemException");
    aws.ground()
        .change(Aws::ACCOUNT, REGION, |it| it["WebAcls"] = json!([]));
    assert!(ask().await?.web_acl().is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn shield_is_one_for_all_regions_and_protects_what_it_was_told() -> Result<()> {
    let aws = Aws::start().await?;
    for region in [REGION, ABROAD] {
        let shield = client!(aws_sdk_shield, aws, region);
        let ask = || {
            shield
                .describe_protection()
                .resource_arn("arn:a/b/door")
                .send()
        };
        aws.ground()
            .put_shield(Aws::ACCOUNT, "INACTIVE", &["arn:a/b/door"]);
        let told = shield.get_subscription_state().send().await?;
        assert_eq!(told.subscription_state().as_str(), "INACTIVE");
        assert_eq!(code(ask().await), "ResourceNotFoundException");
        aws.ground()
            .put_shield(Aws::ACCOUNT, "ACTIVE", &["arn:a/b/door"]);
        let told = ask().await?;
        let protection = told.protection().context("none")?;
        assert_eq!(protection.resource_arn(), Some("arn:a/b/door"));
        let other = shield.describe_protection().resource_arn("arn:a/b/other");
        assert_eq!(code(other.send().await), "ResourceNotFoundException");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_described_in_ec2s_own_words() -> Result<()> {
    let aws = furnished().await?;
    let by_name =
        "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag%3AName&Filter.1.Value.1=";
    let (status, told) = ask_ec2(&aws, &format!("{by_name}{NAME}")).await?;
    assert_eq!(status, 200, "{told}");
    assert!(told.contains("<vpcSet><item>"), "{told}");
    assert!(
        told.contains("<vpcId>vpc-platform-staging</vpcId>"),
        "{told}"
    );
    let (_, none) = ask_ec2(&aws, &format!("{by_name}another")).await?;
    assert!(none.contains("<vpcSet></vpcSet>"), "{none}");
    let of_it = "Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-platform-staging";
    for (action, member, count) in [
        ("DescribeRouteTables", "<routeTableId>", 10),
        ("DescribeSecurityGroups", "<groupName>", 7),
        ("DescribeSubnets", "<cidrBlock>", 9),
    ] {
        let (_, told) = ask_ec2(&aws, &format!("Action={action}&{of_it}")).await?;
        assert_eq!(told.matches(member).count(), count, "{told}");
    }
    let (status, refused) = ask_ec2(&aws, "Action=DescribeInstances&Version=2016-11-15").await?;
    assert_eq!(status, 400);
    let error = "<Response xmlns=\"\"><Errors><Error><Code>InvalidAction</Code>";
    assert!(refused.contains(error), "{refused}");
    let (_, other) = ask_ec2(
        &aws,
        "Action=DescribeVpcs&Filter.1.Name=state&Filter.1.Value.1=x",
    )
    .await?;
    assert!(other.contains("NotReproduced"), "{other}");
    aws.faults()
        .add(Rule::new(Fault::Throttled, Times::Next(1)));
    let (status, busy) = ask_ec2(&aws, &format!("Action=DescribeVpcs&{of_it}")).await?;
    assert_eq!((status, busy.contains("RequestLimitExceeded")), (503, true));
    Ok(())
}

/// Asks by a form, signed.
async fn ask_ec2(aws: &Aws, form: &str) -> Result<(u16, String)> {
    let identity = credentials(&aws.account().keys).into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name("ec2")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let url = format!("{}/", aws.url());
    let body = SignableBody::Bytes(form.as_bytes());
    let question = SignableRequest::new("POST", &url, std::iter::empty(), body)?;
    let (instructions, _) = sign(question, &parameters)?.into_parts();
    let mut request = Request::post(&url).body(Full::from(form.to_owned()))?;
    instructions.apply_to_request_http1x(&mut request);
    let (parts, body) = answered(request).await?.into_parts();
    Ok((parts.status.as_u16(), body))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|it| it.0)
}

/// What the stand-in calls an estate of Terraform's is held against the modules.
#[test]
fn what_is_furnished_as_terraforms_is_what_the_modules_say() -> Result<()> {
    let modules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/terraform/modules");
    let read = |file: &str| std::fs::read_to_string(format!("{modules}/{file}"));
    let standing = as_terraform_makes_it(Aws::ACCOUNT, REGION, NAME).to_string();
    let policy = read("load-balancer/variables.tf")?;
    let rules = read("load-balancer/rules.tf")?;
    let groups = read("security-groups/main.tf")?;
    let waf = read("waf/main.tf")?;
    for (text, words) in [
        (&policy, &["ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"][..]),
        (
            &rules,
            &[
                "/metrics",
                "/internal/*",
                "/auth/*",
                "/.well-known/jwks.json",
                "/*",
            ],
        ),
        (
            &waf,
            &[
                "AWSManagedRulesAmazonIpReputationList",
                "AWSManagedRulesSQLiRuleSet",
            ],
        ),
    ] {
        for word in words {
            assert!(text.contains(word) && standing.contains(word), "{word}");
        }
    }
    for group in [
        "load-balancer",
        "pods",
        "database",
        "cache",
        "drills",
        "access",
    ] {
        assert!(groups.contains(&format!("    {group} ")), "{group}");
        let named = format!("\"groupName\":\"{NAME}-{group}\"");
        assert!(standing.contains(&named), "{group}");
    }
    Ok(())
}
