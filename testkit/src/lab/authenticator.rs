//! Who a token is, said to the API server of a lab by somebody outside of it: as the authenticator of a cloud does.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::https::Served;
use super::site::Site;

/// Somebody whom the cluster lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What the cluster calls them.
    pub name: String,
    /// What rights are bound to.
    pub groups: Vec<String>,
}

/// Answers the API server until it is dropped.
#[derive(Debug)]
pub struct Authenticator {
    _served: Served,
}

impl Authenticator {
    /// For the lab in that folder, which was started by `Lab::start_asking` with that port. None of a token is: it is nobody's.
    ///
    /// # Errors
    /// When there is no such lab, or the port is taken.
    pub fn start(
        lab: &Path,
        port: u16,
        judge: impl Fn(&str) -> Option<Person> + Send + Sync + 'static,
    ) -> Result<Self> {
        // What the API server has shown to its own clients vouches for us as well: it trusts who issued it.
        let read = |file: &str| {
            let file = lab.join("credentials").join(file);
            fs::read_to_string(&file).with_context(|| format!("no lab: {}", file.display()))
        };
        let (certificate, key) = (read("server.crt")?, read("server.key")?);
        let listener = TcpListener::bind(("127.0.0.1", port))
            .with_context(|| format!("port {port} of this machine"))?;
        let judge = move |review: &Value| {
            let token = review["spec"]["token"].as_str();
            told(token.and_then(&judge))
        };
        let served = Served::start(listener, [&certificate, &key], Arc::new(judge))?;
        Ok(Self { _served: served })
    }
}

fn told(person: Option<Person>) -> Value {
    let status = match person {
        Some(Person { name, groups }) => {
            json!({"authenticated": true, "user": {"username": name, "groups": groups}})
        }
        None => json!({"authenticated": false}),
    };
    json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status})
}

/// What the API server is told, so that it asks at that port.
pub(super) fn flags(site: &Site, port: u16) -> Result<Vec<String>> {
    let server = site.ground.this_machine(port);
    let authority = site.file("authority.crt");
    let text = format!(
        "apiVersion: v1
kind: Config
current-context: tokens
clusters: [{{name: tokens, cluster: {{server: '{server}', certificate-authority: '{authority}'}}}}]
users: [{{name: api}}]
contexts: [{{name: tokens, context: {{cluster: tokens, user: api}}}}]
"
    );
    let file = site.file("tokens.kubeconfig");
    fs::write(&file, text)?;
    Ok(vec![
        format!("--authentication-token-webhook-config-file={file}"),
        "--authentication-token-webhook-version=v1".to_owned(),
        // A token that ended is not believed for long.
        "--authentication-token-webhook-cache-ttl=1s".to_owned(),
    ])
}
