//! What pods find in the lab, as Terraform and the controllers of a cluster in AWS would have left it: a way to this machine, the keys of the
//! account in place of a role, their certificates, and a node that may pull from the registry.
//!
//! Never deploys anything: that is practised.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testkit::{certificates::Authority, lab::Cable};
use testkit_aws::Service;

use super::{
    account::{AWS_PORT, Account, HOME, NAME, REGISTRY_PORT, S3_PORT},
    configuration::{Configuration, Texts},
};
use crate::terminal::say;

/// As the manifests have it.
const NAMESPACE: &str = "platform";
const ROLES: [&str; 3] = ["api", "auth", "worker"];

/// The way over which pods of that lab reach this machine; none where there are no pods.
pub fn cable(lab: Option<&Path>) -> Result<Option<Cable>> {
    let lab = lab.filter(|lab| Cable::fits(lab));
    lab.map(|lab| Cable::lay(lab, 0)).transpose()
}

/// Puts it there.
pub fn furnish(configuration: &Configuration, cable: &Cable, account: &Account) -> Result<()> {
    for port in [AWS_PORT, S3_PORT, REGISTRY_PORT] {
        cable.lead(port)?;
    }
    let console = account.console(HOME);
    let told = console.ask(Service::Ecr, "GetAuthorizationToken", json!({}))?;
    let token = told.text("authorizationToken");
    let token = token.context("ECR gives no token")?;
    cable.introduce(REGISTRY_PORT, &format!("Basic {token}"))?;
    let authority = Authority::new()?;
    apply(cable.lab(), &objects(&authority, cable, account)?)?;
    let file = configuration.folder().join("authority.crt");
    fs::write(&file, authority.pem())?;
    say(&format!("pods reach the account at {}", cable.machine()));
    Ok(())
}

fn objects(authority: &Authority, cable: &Cable, account: &Account) -> Result<Value> {
    let profile = (NAME, &account.aws.account().keys);
    let files = Texts::of(&[profile], &cable.machine().to_string());
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
    let mut kubectl = kubectl.stdin(Stdio::piped()).spawn()?;
    let mut pipe = kubectl.stdin.take().context("kubectl reads nothing")?;
    pipe.write_all(objects.to_string().as_bytes())?;
    drop(pipe);
    let ended = kubectl.wait()?;
    ensure!(ended.success(), "kubectl apply: {ended}");
    Ok(())
}
