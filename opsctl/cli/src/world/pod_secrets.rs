//! The Secrets that opsctl makes for the pods of a local environment: what the app needs, and a certificate a role.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::clock::{Clock, Timestamp};
use opsctl_core::environment::LocalSecrets;
use opsctl_core::ports::{Descriptor, PodSecrets, Pointer};
use opsctl_core::workloads::{Object, ObjectKind, ObjectRef};
use opsctl_core::{Failure, Result};
use opsctl_local::certificates::PodAuthority;
use serde_json::json;

/// The Secret with what the app needs, one key a variable.
const APP: &str = "app";
/// Under this name the application is told how often its secrets were written.
const REVISION: &str = "SECRETS_REVISION";
/// The roles that serve.
const ROLES: [&str; 3] = ["api", "auth", "worker"];

/// Makes them from what lies in the environment's folder.
pub struct LocalPodSecrets {
    /// The environment's folder.
    pub folder: PathBuf,
    /// The namespace of the pods.
    pub namespace: String,
    /// How pods reach this machine.
    pub settings: LocalSecrets,
    /// Where the database is.
    pub pointer: Arc<dyn Pointer>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl PodSecrets for LocalPodSecrets {
    fn names(&self) -> Vec<ObjectRef> {
        let roles = ROLES.iter().map(|role| format!("{role}-tls"));
        let all = std::iter::once(APP.to_owned()).chain(roles);
        all.map(|name| ObjectRef {
            kind: ObjectKind::new("v1", "Secret"),
            namespace: Some(self.namespace.clone()),
            name,
        })
        .collect()
    }

    async fn objects(&self) -> Result<Vec<Object>> {
        let namespace = &self.namespace;
        let mut all = vec![of_app(namespace, self.of_app().await?)];
        let authority = PodAuthority::below(&self.folder);
        all.extend(certificates(&authority, namespace, &[], self.clock.now())?);
        Ok(all)
    }
}

/// The Secret that the app mounts.
pub fn of_app(namespace: &str, values: BTreeMap<String, String>) -> Object {
    secret(namespace, APP, "Opaque", values)
}

fn secret(namespace: &str, name: &str, kind: &str, values: BTreeMap<String, String>) -> Object {
    Object(json!({
        "apiVersion": "v1", "kind": "Secret", "type": kind,
        "metadata": {"name": name, "namespace": namespace},
        "stringData": values,
    }))
}

/// A certificate for each role, under the names that its pods have in the namespace, and under these others.
///
/// # Errors
/// When the authority can neither be read nor made.
pub fn certificates(
    authority: &PodAuthority,
    namespace: &str,
    others: &[String],
    now: Timestamp,
) -> Result<Vec<Object>> {
    let one = |role: &str| {
        let names = [names_of(role, namespace), others.to_vec()].concat();
        let issued = authority.issue(&names, now)?;
        let parts = BTreeMap::from([
            ("tls.crt".to_owned(), issued.certificate),
            ("tls.key".to_owned(), issued.key.expose().clone()),
            ("ca.crt".to_owned(), issued.authority),
        ]);
        let name = format!("{role}-tls");
        Ok(secret(namespace, &name, "kubernetes.io/tls", parts))
    };
    ROLES.into_iter().map(one).collect()
}

fn names_of(role: &str, namespace: &str) -> Vec<String> {
    vec![
        role.to_owned(),
        format!("{role}.{namespace}"),
        format!("{role}.{namespace}.svc"),
        format!("{role}.{namespace}.svc.cluster.local"),
        "localhost".to_owned(),
    ]
}

impl LocalPodSecrets {
    async fn of_app(&self) -> Result<BTreeMap<String, String>> {
        let descriptor = self.pointer.read().await?.ok_or_else(|| {
            Failure::refused("the environment has no database yet").hint("opsctl migrate up")
        })?;
        let file = crate::commands::secrets_file(&self.folder)?;
        let text = read(&file)?;
        let mut values: BTreeMap<String, String> =
            serde_json::from_str(&text).map_err(|error| {
                Failure::usage(format!("{} is no map of secrets", file.display())).because(error)
            })?;
        values.insert("DATABASE_URL".into(), self.database(&descriptor)?);
        // Pods have no descriptor: both that grow count, so that each change is a revision of its own.
        let revision = values.get(REVISION).and_then(|text| text.parse().ok());
        let revision = descriptor.generation + revision.unwrap_or(0_u64);
        values.insert(REVISION.into(), revision.to_string());
        Ok(values)
    }

    /// The database's address as pods see it, with the password of the application's login.
    fn database(&self, descriptor: &Descriptor) -> Result<String> {
        let location = &descriptor.location;
        let odd = || Failure::failed(format!("pods can't use the database at {}", location.url));
        let rest = location.url.strip_prefix("postgres://").ok_or_else(|| {
            odd()
                .cause("a file of this machine can't be reached from a pod")
                .hint("use a PostgreSQL: engine: local-postgres in opsctl.yaml")
        })?;
        let (who, place) = rest.split_once('@').ok_or_else(odd)?;
        let (address, name) = place.split_once('/').ok_or_else(odd)?;
        let port = address.rsplit_once(':').map_or("5432", |(_, port)| port);
        let name = name.split('?').next().unwrap_or(name);
        let file = location.password_file.as_ref().ok_or_else(odd)?;
        let (password, host) = (read(file)?, &self.settings.this_machine);
        Ok(format!(
            "postgres://{who}:{}@{host}:{port}/{name}",
            password.trim()
        ))
    }
}

fn read(file: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::failed(format!("can't read {}", file.display())).because(error))
}
