//! What pods find in the lab, as Terraform and the controllers of a cluster in AWS would have left it: a way to this machine, the keys of the
//! account in place of a role, their certificates, and a node that may pull from the registry.
//!
//! Never deploys anything: that is practised.

use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testkit::{certificates::Authority, lab::Cable};

use super::{
    account::{BACKUP, Furnished, HOME, NAME},
    files::Texts,
};
use crate::Service;

/// As the manifests have it.
const NAMESPACE: &str = "platform";
const ROLES: [&str; 3] = ["api", "auth", "worker"];

/// Puts it into the lab at the other end of the cable. Returns the certificate (PEM) of who vouches for the pods.
///
/// # Errors
/// When a port is taken at this end, or the cluster refuses something.
pub fn furnish(cable: &Cable, account: &Furnished) -> Result<String> {
    for url in [account.aws.url(), account.s3.url()] {
        let port = url.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        cable.lead(port.context("an address without a port")?)?;
    }
    for (region, registry) in [(HOME, account.registry), (BACKUP, account.abroad)] {
        cable.lead(registry.port())?;
        let console = account.console(region);
        let told = console.ask(Service::Ecr, "GetAuthorizationToken", json!({}))?;
        let token = told.text("authorizationToken");
        let token = token.context("ECR gives no token")?;
        cable.introduce(registry.port(), &format!("Basic {token}"))?;
    }
    let authority = Authority::new()?;
    apply(cable.lab(), &objects(&authority, cable, account)?)?;
    Ok(authority.pem())
}

fn objects(authority: &Authority, cable: &Cable, account: &Furnished) -> Result<Value> {
    let profile = (NAME, &account.aws.account().keys);
    let files = Texts::of(account, &[profile], &cable.machine().to_string());
    let files = [("config", files.config), ("credentials", files.credentials)];
    let mut all = vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}),
        secret("account", "Opaque", files.into()),
    ];
    for role in ROLES {
        let issued = authority.issue(&names_of(role).each_ref().map(String::as_str))?;
        let files = [
            ("tls.crt", issued.certificate),
            ("tls.key", issued.key),
            ("ca.crt", authority.pem()),
        ];
        let name = format!("{role}-tls");
        all.push(secret(&name, "kubernetes.io/tls", files.into()));
    }
    Ok(json!({"apiVersion": "v1", "kind": "List", "items": all}))
}

/// As pods call it, and as this machine does.
fn names_of(role: &str) -> [String; 6] {
    [
        role.to_owned(),
        format!("{role}.{NAMESPACE}"),
        format!("{role}.{NAMESPACE}.svc"),
        format!("{role}.{NAMESPACE}.svc.cluster.local"),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
    ]
}

fn secret(name: &str, kind: &str, files: BTreeMap<&str, String>) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "stringData": files,
    })
}

/// Read from a pipe: there are keys in it.
fn apply(lab: &Path, objects: &Value) -> Result<()> {
    let mut kubectl = Command::new(testkit::lab::kubectl()?);
    kubectl.arg("--kubeconfig").arg(lab.join("kubeconfig"));
    kubectl.args(["apply", "--server-side", "--force-conflicts"]);
    kubectl.args(["--field-manager", "rehearsal", "--filename", "-"]);
    kubectl.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut kubectl = kubectl.stdin(Stdio::piped()).spawn()?;
    let mut pipe = kubectl.stdin.take().context("kubectl reads nothing")?;
    pipe.write_all(objects.to_string().as_bytes())?;
    drop(pipe);
    let ended = kubectl.wait_with_output()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "kubectl apply: {}", said.trim());
    Ok(())
}
