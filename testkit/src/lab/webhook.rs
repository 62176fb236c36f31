//! An admission webhook that says no to everything, and says too much: it repeats what it was asked.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::cluster::Lab;
use super::https::Served;
use crate::certificates::Authority;

/// Where the API server reaches it: a port of the node, the next one for the next webhook.
static NEXT: AtomicU16 = AtomicU16::new(9443);

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Webhook {
    port: u16,
    authority: String,
    _served: Served,
}

impl Webhook {
    /// On this machine, for the API server of a lab.
    ///
    /// # Errors
    /// When there is no port for it.
    pub fn start(lab: &Lab) -> Result<Self> {
        let authority = Authority::new()?;
        let issued = authority.issue(&[Lab::NODE])?;
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        lab.open_outwards(port, listener.local_addr()?.port())?;
        let pair = [issued.certificate.as_str(), issued.key.as_str()];
        Ok(Self {
            port,
            authority: authority.pem(),
            _served: Served::start(listener, pair, Arc::new(no))?,
        })
    }

    /// What makes the API server ask it about new objects of a namespace.
    #[must_use]
    pub fn configuration(&self, namespace: &str, resource: &str) -> Value {
        let authority = STANDARD.encode(&self.authority);
        let url = format!("https://{}:{}/", Lab::NODE, self.port);
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": namespace}, "webhooks": [{
                "name": "no.example.org", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "clientConfig": {"url": url, "caBundle": authority},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [resource]}]}]})
    }
}

fn no(review: &Value) -> Value {
    let asked = &review["request"];
    let message = format!("not today: {}", asked["object"]["data"]);
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "response": {"uid": asked["uid"], "allowed": false, "status": {"message": message}}})
}
