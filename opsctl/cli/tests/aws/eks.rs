//! The way to a cluster of EKS: its address from AWS, its tokens from this program.

use serde_json::Value;
use testkit_aws::{Aws, eks::Cluster};

use crate::runner::Runner;
use crate::stage::{REGION, Stage};

const CLUSTER: &str = "platform";

/// An account with a cluster, and an environment on it.
fn place() -> (Stage, Runner) {
    let stage = Stage::bare();
    let cluster = Cluster {
        name: CLUSTER.into(),
        version: "1.34".into(),
        endpoint: "https://127.0.0.1:1".into(),
        authority: "-----BEGIN CERTIFICATE-----".into(),
    };
    stage.aws.eks().put(Aws::ACCOUNT, REGION, cluster);
    let runner = Runner::of(&stage);
    on(&runner, CLUSTER);
    (stage, runner)
}

fn on(runner: &Runner, cluster: &str) {
    let workloads = format!(
        "    workloads: {{ manifests: k8s, namespace: platform, eks: {cluster} }}\n    lock:\n"
    );
    runner.configure(|text| text.replace("    lock:\n", &workloads));
}

#[test]
fn a_token_of_ours_is_taken_by_that_cluster_and_by_no_other() {
    let (stage, runner) = place();
    let told = runner.run(&["eks", "token"]).expect(0).document();
    assert_eq!(told["kind"], "ExecCredential");
    let token = told["status"]["token"].as_str().unwrap();
    let who = stage.aws.verify_token(token, CLUSTER).unwrap();
    assert_eq!(who.account, Aws::ACCOUNT);
    assert!(stage.aws.verify_token(token, "another").is_err());
    assert!(
        told["status"]["expirationTimestamp"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
}

#[test]
fn a_kubeconfig_names_this_program_and_no_key() {
    let (_stage, runner) = place();
    let ended = runner.run(&["eks", "kubeconfig"]).expect(0);
    let document: Value = ended.document();
    assert_eq!(
        document["clusters"][0]["cluster"]["server"],
        "https://127.0.0.1:1"
    );
    let plugin = &document["users"][0]["user"]["exec"];
    assert!(plugin["command"].as_str().unwrap().ends_with("opsctl"));
    let words = plugin["args"].as_array().unwrap();
    assert!(words.iter().any(|word| word == "token"), "{words:?}");
}

#[test]
fn a_cluster_that_is_not_there_is_named_with_its_region() {
    let (_stage, runner) = place();
    on(&runner, "nowhere");
    let refused = runner.run(&["status"]).expect(1);
    for told in ["'nowhere'", "eu-central-1", "ResourceNotFoundException"] {
        assert!(refused.said().contains(told), "{}", refused.said());
    }
}
