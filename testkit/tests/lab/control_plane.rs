//! A cluster without a node, and parts that go away and come back.

use std::process::Command;

use anyhow::Result;
use testkit::lab::{Authenticator, Lab, Part, Person, Shape};
use testkit::leash::Ending;
use testkit::ports::free_port;

use super::{Cluster, wait_until};

#[test]
fn without_a_node_manifests_are_judged_and_no_pod_runs() -> Result<()> {
    let cluster = Cluster::start(Shape::ControlPlane)?;
    let lab = &cluster.lab;
    assert_eq!(lab.shape(), Shape::ControlPlane);
    assert!(lab.registry().is_err());
    assert!(lab.open_inwards(80).is_err());
    let refused =
        lab.apply("{apiVersion: v1, kind: Pod, metadata: {name: x}, spec: {container: []}}");
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("spec.container"), "{refused}");
    if lab.has(Part::Controllers) {
        lab.kubectl(&["create", "deployment", "idle", "--image=local/pause:1"])?;
        wait_until("its pod exists and waits", || {
            let phases = "--output=jsonpath={.items[*].status.phase}";
            Ok(lab.kubectl(&["get", "pods", phases])? == "Pending")
        })?;
    }
    Ok(())
}

#[test]
fn what_a_client_asked_for_is_on_record() -> Result<()> {
    let cluster = Cluster::start(Shape::ControlPlane)?;
    let lab = &cluster.lab;
    let before = lab.asked_by("kubectl/")?.len();
    lab.kubectl(&["get", "--raw", "/api/v1/namespaces/default"])?;
    let asked = lab.asked_by("kubectl/")?;
    assert_eq!(&asked[before..], ["get /api/v1/namespaces/default"]);
    assert!(lab.asked_by("somebody else/")?.is_empty());
    Ok(())
}

#[test]
fn an_api_server_that_went_away_comes_back_with_what_it_knew() -> Result<()> {
    let cluster = Cluster::start(Shape::ControlPlane)?;
    let lab = &cluster.lab;
    lab.kubectl(&["create", "configmap", "kept", "--from-literal=a=b"])?;
    lab.stop(Part::ApiServer, Ending::Crash)?;
    assert!(lab.kubectl(&["get", "configmap/kept"]).is_err());
    assert!(lab.fallen().is_empty(), "it was ended on purpose");
    lab.start_again(Part::ApiServer)?;
    assert!(lab.start_again(Part::ApiServer).is_err(), "it runs already");
    lab.kubectl(&["get", "configmap/kept"])?;
    lab.pause(Part::ApiServer)?;
    let hangs = lab.kubectl(&["get", "configmap/kept", "--request-timeout=1s"]);
    assert!(hangs.is_err());
    lab.resume(Part::ApiServer)?;
    lab.kubectl(&["get", "configmap/kept"])?;
    Ok(())
}

#[test]
fn somebody_outside_says_who_a_token_is() -> Result<()> {
    let (folder, port) = (tempfile::tempdir()?, free_port()?);
    let lab = Lab::start_asking(Shape::ControlPlane, folder.path(), port)?;
    let anna = |token: &str| {
        (token == "of-anna").then(|| Person {
            name: "anna".into(),
            groups: vec!["system:masters".into()],
        })
    };
    let _authenticator = Authenticator::start(folder.path(), port, anna)?;
    let authority = folder.path().join("credentials/authority.crt");
    let asked = |token: &str| {
        let mut kubectl = Command::new(testkit::lab::kubectl()?);
        kubectl.args(["--server", &lab.url(), "--token", token]);
        kubectl.arg("--certificate-authority").arg(&authority);
        // Nobody's own configuration has a word here.
        kubectl.env("KUBECONFIG", "/dev/null");
        let output = kubectl.args([
            "auth",
            "whoami",
            "--output=jsonpath={.status.userInfo.username}",
        ]);
        let output = output.output()?;
        let said = [output.stdout, output.stderr].concat();
        anyhow::Ok(String::from_utf8(said)?)
    };
    assert_eq!(asked("of-anna")?, "anna");
    let nobody = asked("of-nobody")?;
    assert!(nobody.contains("must be logged in"), "{nobody}");
    Ok(())
}
