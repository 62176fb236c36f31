//! What could not be asked is unknown, with the call that was refused; never good, and nothing else is unknown by it.

use std::time::{Duration, Instant};

use testkit_aws::{Fault, Rule, Times};

use super::furnished::{Furnished, LINES};
use crate::stage::REGION;

/// A silent region is waited for once: well below what each line would wait by itself.
const LIMIT: Duration = Duration::from_secs(90);

/// A call, the code by which its service refuses it, and the lines that nothing is known of then.
const REFUSALS: [(&str, &str, &[&str]); 12] = [
    (
        "ec2:DescribeVpcs",
        "UnauthorizedOperation",
        &["network.groups", "network.vpc"],
    ),
    (
        "ec2:DescribeSubnets",
        "UnauthorizedOperation",
        &["network.vpc"],
    ),
    (
        "ec2:DescribeRouteTables",
        "UnauthorizedOperation",
        &["network.vpc"],
    ),
    (
        "ec2:DescribeSecurityGroups",
        "UnauthorizedOperation",
        &["network.groups"],
    ),
    (
        "elasticloadbalancing:DescribeRules",
        "AccessDenied",
        &["flow.forward", "interaction.auth"],
    ),
    (
        "elasticloadbalancing:DescribeSSLPolicies",
        "AccessDenied",
        &["balancer.https"],
    ),
    (
        "elasticloadbalancing:DescribeTargetGroups",
        "AccessDenied",
        &["balancer.failover", "balancer.health", "encryption.transit"],
    ),
    (
        "elasticloadbalancing:DescribeTargetHealth",
        "AccessDenied",
        &["balancer.failover"],
    ),
    (
        "wafv2:GetWebACLForResource",
        "AccessDeniedException",
        &["network.waf"],
    ),
    (
        "shield:GetSubscriptionState",
        "AccessDeniedException",
        &["network.shield"],
    ),
    (
        "shield:DescribeProtection",
        "AccessDeniedException",
        &["network.shield"],
    ),
    (
        "ecr:GetLifecyclePolicy",
        "AccessDeniedException",
        &["image.staging"],
    ),
];

#[test]
fn a_call_that_is_refused_makes_its_lines_unknown_and_no_other() {
    let furnished = Furnished::new();
    let faults = furnished.stage.aws.faults();
    for (call, code, lines) in REFUSALS {
        let (_, action) = call.split_once(':').unwrap();
        let refused = Fault::Refused(code, "User is not authorized to perform it");
        faults.add(Rule::new(refused, Times::Always).action(action));
        let seen = furnished.look(9);
        assert_eq!(seen.those("unknown"), lines, "{call}: {seen:?}");
        assert_eq!(seen.those("holds").len(), LINES.len() - lines.len());
        for line in lines {
            let why = seen.why(line);
            assert!(why.contains(call) && why.contains(code), "{call}: {why}");
        }
        faults.clear();
    }
}

#[test]
fn whoever_is_asked_too_often_is_asked_again() {
    let furnished = Furnished::new();
    let faults = furnished.stage.aws.faults();
    for action in [
        "DescribeSubnets",
        "DescribeRules",
        "GetWebACLForResource",
        "GetSubscriptionState",
    ] {
        faults.add(Rule::new(Fault::Throttled, Times::Next(2)).action(action));
    }
    faults.add(Rule::new(Fault::Unavailable(503), Times::Next(2)).action("DescribeRouteTables"));
    assert_eq!(furnished.look(0).those("holds"), LINES);
}

#[test]
fn a_region_that_falls_silent_in_the_middle_is_waited_for_once_and_leaves_its_lines_unknown() {
    let furnished = Furnished::new();
    let aws = &furnished.stage.aws;
    let silence = Rule::new(Fault::BlackHole, Times::Always).region(REGION);
    let began = Instant::now();
    let seen = std::thread::scope(|scope| {
        scope.spawn(|| {
            let asked = || furnished.stage.calls("DescribeLoadBalancers") > 0;
            while !asked() && began.elapsed() < LIMIT {
                std::thread::yield_now();
            }
            aws.faults().add(silence);
        });
        furnished.look(9)
    });
    assert!(began.elapsed() < LIMIT, "each line waited for itself");
    assert_eq!(seen.those("broken"), [""; 0], "{seen:?}");
    // What was asked before, and what is in the other region, is known.
    for line in ["access.accounts", "backup.outage", "interaction.backup"] {
        assert!(seen.those("holds").contains(&line), "{line}: {seen:?}");
    }
    for line in [
        "network.shield",
        "network.vpc",
        "network.waf",
        "staging.database",
    ] {
        let why = seen.why(line);
        assert!(why.contains("does not answer"), "{line}: {seen:?}");
    }
}
