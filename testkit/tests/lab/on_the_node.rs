//! What takes a node. Left out where the machine can't run one.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use anyhow::Result;
use testkit::lab::{Cable, Lab, Part, Shape};
use testkit::leash::Ending;

use super::{Cluster, wait_until};

/// Held by whoever changes it, or holds it beside what it was.
static THE_MACHINE_S_NETWORK: Mutex<()> = Mutex::new(());

#[test]
fn pods_run_beside_another_lab_and_nothing_is_left_when_this_one_ends() -> Result<()> {
    let other = Cluster::shared()?;
    let folder = tempfile::tempdir()?;
    let _alone = THE_MACHINE_S_NETWORK.lock();
    let before = network_of_this_machine()?;
    let lab = Lab::start(folder.path())?;
    assert_eq!(lab.shape(), Shape::Node);
    lab.kubectl(&[
        "create",
        "deployment",
        "idle",
        "--image=local/pause:1",
        "--replicas=2",
    ])?;
    lab.kubectl(&["rollout", "status", "deployment/idle", "--timeout=100s"])?;
    let kubelet = folder.path().join("node/kubelet.yaml");
    lab.stop(Part::Kubelet, Ending::Orderly)?;
    assert_eq!(processes_of(&kubelet), 0);
    lab.start_again(Part::Kubelet)?;
    assert_ne!(processes_of(&kubelet), 0);
    assert!(lab.fallen().is_empty());
    assert_eq!(network_of_this_machine()?, before);
    assert_ne!(processes_of(folder.path()), 0);
    drop(lab);
    assert_eq!(processes_of(folder.path()), 0);
    assert!(other.lab.fallen().is_empty());
    Ok(())
}

#[test]
fn a_pod_finds_a_service_by_its_name_and_nothing_outside() -> Result<()> {
    let cluster = Cluster::shared()?;
    let image = cluster.push_probe("names")?;
    let service = "kubernetes.default";
    let said = cluster.run("inside", &image, &["resolve", service], "Succeeded")?;
    let address = cluster.lab.kubectl(&[
        "get",
        "service/kubernetes",
        "--output=jsonpath={.spec.clusterIP}",
    ])?;
    assert_eq!(said.trim(), address);
    let said = cluster.run("outside", &image, &["resolve", "example.org"], "Failed")?;
    assert!(said.contains("no such host"), "{said}");
    Ok(())
}

#[test]
fn an_image_that_was_pushed_from_here_runs_and_answers_at_a_door() -> Result<()> {
    let cluster = Cluster::shared()?;
    let image = cluster.push_probe("pushed")?;
    assert!(image.starts_with(cluster.lab.registry()?.address()));
    cluster.lab.apply(&format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: door, labels: {{app: door}}}}
spec:
  containers:
  - {{name: probe, image: '{image}', args: [serve, '8080'], readinessProbe: {{httpGet: {{path: /ready, port: 8080}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: door}}
spec: {{type: NodePort, selector: {{app: door}}, ports: [{{port: 80, targetPort: 8080, nodePort: 30080}}]}}
"
    ))?;
    cluster.lab.kubectl(&[
        "wait",
        "pod/door",
        "--for=condition=Ready",
        "--timeout=100s",
    ])?;
    let port = cluster.lab.open_inwards(30080)?;
    wait_until("the door leads to the pod", || {
        Ok(page(port).is_ok_and(|page| page.ends_with("\r\n\r\ndoor\n")))
    })
}

#[test]
fn a_pod_reaches_a_port_of_this_machine_over_a_cable_and_nothing_of_it_stays() -> Result<()> {
    let cluster = Cluster::shared()?;
    let image = cluster.push_probe("cable")?;
    let _alone = THE_MACHINE_S_NETWORK.lock();
    let before = network_of_this_machine()?;
    // The first one is a rehearsal's.
    let number = u8::try_from(1 + std::process::id() % 127)?;
    let earlier = Cable::lay(cluster.folder(), number)?;
    let cable = Cable::lay(cluster.folder(), number)?;
    let listener = TcpListener::bind((cable.machine(), 0))?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    let run = ["run", "knocking", "--restart=Never"];
    let image = format!("--image={image}");
    let asked = [&image, "--", "knock", &url];
    cluster.lab.kubectl(&[&run[..], &asked].concat())?;
    wait_until("the pod knocks", || Ok(listener.accept().is_ok()))?;
    let gone = ["delete", "pod/knocking", "--now", "--wait=false"];
    cluster.lab.kubectl(&gone)?;
    drop((earlier, cable));
    assert_eq!(network_of_this_machine()?, before);
    Ok(())
}

#[test]
fn the_private_registry_gives_its_images_to_those_with_a_secret() -> Result<()> {
    let cluster = Cluster::shared()?;
    let private = cluster.lab.private_registry()?;
    let account = private.account().expect("it asks for a password");
    cluster.push_probe("private")?;
    let image = format!("--image={}/probe:private", private.address());
    let run = ["run", "refused", &image, "--restart=Never", "--"];
    cluster.lab.kubectl(&[&run[..], &["end", "0"]].concat())?;
    wait_until("the pod without a secret is refused", || {
        let events = ["get", "events", "--field-selector=reason=Failed"];
        let message = "--output=jsonpath={.items[*].message}";
        let events = cluster.lab.kubectl(&[&events[..], &[message]].concat())?;
        Ok(events.contains("401 Unauthorized"))
    })?;
    cluster.lab.kubectl(&[
        "create",
        "secret",
        "docker-registry",
        "account",
        &format!("--docker-server={}", private.address()),
        &format!("--docker-username={}", account.name),
        &format!("--docker-password={}", account.password),
    ])?;
    let secret = r#"--overrides={"spec":{"imagePullSecrets":[{"name":"account"}]}}"#;
    let run = ["run", "allowed", &image, secret, "--restart=Never", "--"];
    cluster
        .lab
        .kubectl(&[&run[..], &["resolve", "localhost"]].concat())?;
    let succeeded = "--for=jsonpath={.status.phase}=Succeeded";
    cluster
        .lab
        .kubectl(&["wait", "pod/allowed", succeeded, "--timeout=100s"])?;
    Ok(())
}

#[test]
fn a_deployment_that_is_busy_is_scaled_out() -> Result<()> {
    let cluster = Cluster::shared()?;
    let image = cluster.push_probe("busy")?;
    cluster.lab.apply(&format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: busy}}
spec:
  selector: {{matchLabels: {{app: busy}}}}
  template:
    metadata: {{labels: {{app: busy}}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {{name: probe, image: '{image}', args: [burn, '600'], resources: {{requests: {{cpu: 20m}}, limits: {{cpu: 100m}}}}}}
"
    ))?;
    let scale = ["autoscale", "deployment/busy", "--min=1", "--max=2"];
    cluster
        .lab
        .kubectl(&[&scale[..], &["--cpu-percent=50"]].concat())?;
    wait_until("there are two", || {
        let replicas = "--output=jsonpath={.spec.replicas}";
        Ok(cluster.lab.kubectl(&["get", "deployment/busy", replicas])? == "2")
    })?;
    let top = cluster
        .lab
        .kubectl(&["top", "node", "lab", "--no-headers"])?;
    assert!(top.starts_with("lab"), "{top}");
    Ok(())
}

fn page(port: u16) -> Result<String> {
    let mut connection = TcpStream::connect(("127.0.0.1", port))?;
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    let mut page = String::new();
    connection.read_to_string(&mut page)?;
    Ok(page)
}

fn network_of_this_machine() -> Result<String> {
    let mut all = String::new();
    for words in [
        ["ip", "link"],
        ["ip", "route"],
        ["iptables", "--list-rules"],
    ] {
        let output = Command::new(words[0]).args(&words[1..]).output()?;
        all.push_str(&String::from_utf8_lossy(&output.stdout));
    }
    Ok(all)
}

/// Those whose command line names the folder.
fn processes_of(folder: &Path) -> usize {
    let folder = folder.display().to_string();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines
        .filter(|line| String::from_utf8_lossy(line).contains(&folder))
        .count()
}
