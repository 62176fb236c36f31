//! Who we are to a registry: what `docker login` left behind.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};

/// A name and what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name.
    pub user: String,
    /// The password, or a token in its place.
    pub password: Secret<String>,
}

impl Credentials {
    /// As the header `Authorization` has it.
    pub(crate) fn basic(&self) -> String {
        let pair = format!("{}:{}", self.user, self.password.expose());
        format!("Basic {}", STANDARD.encode(pair))
    }
}

/// Docker's `config.json`: passwords by registry, and the programs that know passwords.
#[derive(Debug, Clone, Default)]
pub struct DockerConfig {
    known: BTreeMap<String, Credentials>,
    helpers: BTreeMap<String, String>,
    store: Option<String>,
}

#[derive(serde::Deserialize)]
struct Written {
    #[serde(default)]
    auths: BTreeMap<String, Auth>,
    #[serde(default, rename = "credHelpers")]
    cred_helpers: BTreeMap<String, String>,
    #[serde(default, rename = "credsStore")]
    creds_store: Option<String>,
}

#[derive(Default, serde::Deserialize)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

impl DockerConfig {
    /// Reads the document.
    ///
    /// # Errors
    /// When it has another form; what it holds is never repeated.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Failure::usage("docker's config.json can't be read")
                .hint("docker login <registry> writes it anew")
        };
        // The parser's own words may quote a password.
        let written: Written = serde_json::from_str(text)
            .map_err(|error| wrong().cause(format!("line {} is no such document", error.line())))?;
        let mut known = BTreeMap::new();
        for (registry, auth) in written.auths {
            let name = host(&registry);
            let found =
                credentials(&auth).map_err(|why| wrong().cause(format!("{name}: {why}")))?;
            if let Some(found) = found {
                known.insert(name, found);
            }
        }
        let helpers = written.cred_helpers.into_iter();
        Ok(Self {
            known,
            helpers: helpers
                .map(|(registry, it)| (host(&registry), it))
                .collect(),
            store: written.creds_store.filter(|name| !name.is_empty()),
        })
    }

    /// What is written down for a registry.
    pub(crate) fn known(&self, registry: &str) -> Option<&Credentials> {
        self.known.get(registry)
    }

    /// The program that may know it: `docker-credential-<name>`.
    pub(crate) fn helper(&self, registry: &str) -> Option<&str> {
        let own = self.helpers.get(registry).or(self.store.as_ref());
        own.map(String::as_str)
    }
}

/// Docker writes registries as addresses, hosts or, its own, as the address of an index that is long gone.
fn host(registry: &str) -> String {
    let rest = registry
        .split_once("://")
        .map_or(registry, |(_, rest)| rest);
    match rest.split('/').next().unwrap_or(rest) {
        "index.docker.io" | "registry-1.docker.io" => "docker.io".to_owned(),
        host => host.to_owned(),
    }
}

fn credentials(auth: &Auth) -> std::result::Result<Option<Credentials>, &'static str> {
    let pair = match (&auth.auth, &auth.username, &auth.password) {
        (Some(encoded), _, _) if !encoded.is_empty() => {
            let decoded = STANDARD
                .decode(encoded)
                .or_else(|_| STANDARD_NO_PAD.decode(encoded))
                .map_err(|_| "'auth' is not base64")?;
            let text = String::from_utf8(decoded).map_err(|_| "'auth' is no text")?;
            let text = text.trim_end_matches('\0');
            let (user, password) = text.split_once(':').ok_or("'auth' has no colon")?;
            (user.to_owned(), password.to_owned())
        }
        (_, Some(user), Some(password)) => (user.clone(), password.clone()),
        _ => return Ok(None),
    };
    let (user, password) = pair;
    let password = Secret::new(password);
    Ok(Some(Credentials { user, password }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_login_wrote_is_found_by_host() {
        let auth = STANDARD.encode("anna:pass:word");
        let text = format!(
            r#"{{"auths": {{
                "https://index.docker.io/v1/": {{"auth": "{auth}"}},
                "127.0.0.1:5000": {{"auth": "{auth}"}},
                "plain.example": {{"username": "b", "password": "c"}},
                "empty.example": {{}}
            }}, "credHelpers": {{"aws.example": "ecr-login"}}, "HttpHeaders": {{}}}}"#
        );
        let config = DockerConfig::parse(&text).unwrap();
        let docker = config.known("docker.io").unwrap();
        assert_eq!(docker.user, "anna");
        assert_eq!(docker.password.expose(), "pass:word");
        assert!(config.known("127.0.0.1:5000").is_some());
        assert_eq!(config.known("plain.example").unwrap().user, "b");
        assert!(config.known("empty.example").is_none());
        assert_eq!(config.helper("aws.example"), Some("ecr-login"));
        assert_eq!(config.helper("docker.io"), None);
        assert!(!format!("{config:?}").contains("pass:word"));
    }

    #[test]
    fn a_broken_file_is_refused_without_repeating_what_it_holds() {
        for text in [
            "{",
            r#"{"auths": {"a": {"auth": "hunter2!"}}}"#,
            r#"{"auths": {"a": {"auth": "aHVudGVyMg=="}}}"#,
            r#"{"auths": {"a": "hunter2"}}"#,
        ] {
            let failure = DockerConfig::parse(text).unwrap_err();
            assert!(!failure.to_string().contains("hunter2"), "{failure}");
        }
    }
}
