//! The cluster: its fields are read as they are, and a cluster that goes away makes lines unknown and never good.

use opsctl_core::conform::Verdict;
use opsctl_core::manifests::Outputs;
use opsctl_core::workloads::Object;
use serde_json::json;

use super::{Place, line};

fn api(replicas: u32) -> Object {
    Object(json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "api", "namespace": "app", "resourceVersion": "7" },
        "spec": { "replicas": replicas, "template": { "spec": { "containers": [
            { "name": "app", "resources": { "requests": { "cpu": "500m" } } },
        ] } } },
    }))
}

const REPLICAS: &str = "kubernetes: {object: Deployment/api, field: /spec/replicas, at_least: 3}";

#[tokio::test]
async fn a_field_is_held_beside_what_was_promised() {
    let place = Place::new();
    let cpu = "kubernetes: {object: Deployment/api, \
               field: /spec/template/spec/containers/app/resources/requests/cpu, is: 500m}";
    let lines = format!("lines:\n{}{}", line("replicas", REPLICAS), line("cpu", cpu));
    place.cluster.place(api(3));
    let good = place.judged(&lines).await;
    assert_eq!(good[0].verdict, Verdict::Holds);
    assert_eq!(good[1].verdict, Verdict::Holds);
    place.cluster.place(api(2));
    let bad = place.judged(&lines).await;
    assert_eq!(bad[0].verdict, Verdict::Broken);
    let answer = &bad[0].answers[1];
    assert_eq!(
        (answer.expected.as_str(), answer.actual.as_str()),
        ("at least 3", "2")
    );
    assert_eq!(
        answer.evidence.as_deref(),
        Some("Deployment app/api, version 7")
    );
    assert_eq!(bad[1].verdict, Verdict::Holds);
}

#[tokio::test]
async fn a_deployment_without_limits_breaks_the_line_that_asks_for_them() {
    let place = Place::new();
    place.cluster.place(api(3));
    let limits = "kubernetes: {object: Deployment/api, \
                  field: /spec/template/spec/containers/app/resources/limits/memory, is: 1Gi}";
    let report = place
        .judged(&format!("lines:\n{}", line("memory", limits)))
        .await;
    assert_eq!(report[0].verdict, Verdict::Broken);
    assert_eq!(report[0].answers[1].actual, "not there");
}

#[tokio::test]
async fn what_terraform_made_is_held_beside_its_value_and_unknown_without_one() {
    let mut place = Place::new();
    place.cluster.place(api(3));
    let cpu = "kubernetes: {object: Deployment/api, \
               field: /spec/template/spec/containers/app/resources/requests/cpu, is: \"$(outputs:cpu_of.api)\"}";
    let lines = format!("lines:\n{}", line("cpu", cpu));
    for (outputs, verdict, told) in [
        (
            Err("no file of outputs"),
            Verdict::Unknown,
            "no file of outputs",
        ),
        (Ok("{}"), Verdict::Unknown, "$(outputs:cpu_of.api): "),
        (Ok("cpu_of: {api: 250m}"), Verdict::Broken, "500m"),
        (Ok("cpu_of: {api: 500m}"), Verdict::Holds, "500m"),
    ] {
        place.outputs = outputs
            .map(|text| Outputs::read("outputs.yaml", text).unwrap())
            .map_err(str::to_owned);
        let report = place.judged(&lines).await;
        let answer = &report[0].answers[1];
        assert_eq!(report[0].verdict, verdict, "{answer:?}");
        assert!(answer.actual.starts_with(told), "{answer:?}");
    }
}

#[tokio::test]
async fn a_cluster_that_goes_away_in_the_middle_makes_the_rest_unknown() {
    let place = Place::new();
    place.cluster.place(api(3));
    place.cluster.goes_after(1);
    let service = "kubernetes: {object: Service/api, field: /spec/selector}";
    let lines = format!(
        "lines:\n{}{}{}",
        line("before", REPLICAS),
        line("after", service),
        line("same", REPLICAS)
    );
    let report = place.judged(&lines).await;
    let verdicts: Vec<Verdict> = report.iter().map(|line| line.verdict).collect();
    // What was read before it went stays known.
    assert_eq!(verdicts, [Verdict::Holds, Verdict::Unknown, Verdict::Holds]);
    let why = &report[1].answers[1].actual;
    assert_eq!(
        why,
        "the cluster does not answer: https://simulated does not answer"
    );
}

#[tokio::test]
async fn what_aws_runs_is_unknown_without_an_account_and_says_why() {
    let place = Place::new();
    let multi_az = "aws: {asset: database, field: /multi_az, is: true}";
    let report = place
        .judged(&format!("lines:\n{}", line("multi_az", multi_az)))
        .await;
    assert_eq!(report[0].verdict, Verdict::Unknown);
    assert_eq!(report[0].answers[1].actual, "no account");
}

#[tokio::test]
async fn a_line_of_other_environments_is_told_apart() {
    let place = Place::new();
    let line =
        line("debug", REPLICAS).replace("text: It holds", "text: It holds, for: [production]");
    let report = place.judged(&format!("lines:\n{line}")).await;
    assert_eq!(report[0].verdict, Verdict::Elsewhere);
    assert_eq!(report[0].reason.as_deref(), Some("of production alone"));
}
