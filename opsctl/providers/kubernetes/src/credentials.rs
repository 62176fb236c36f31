//! Where the API server is and as whom it is asked, for telling what is wrong with either.
//!
//! Shows no token, no key, no password.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kube::config::AuthInfo;
use opsctl_core::{Failure, FailureKind};
use secrecy::ExposeSecret;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::status::Status;
use crate::target::Way;
use crate::trouble::Trouble;

/// What is known of the way to a cluster. Not to be printed as a whole: a kubeconfig may hold a secret anywhere.
pub struct Credentials {
    server: String,
    kubectl: String,
    user: AuthInfo,
}

impl Credentials {
    /// Of that way.
    pub fn new(way: &Way) -> Self {
        let server = way.config.cluster_url.to_string();
        Self {
            server: server.trim_end_matches('/').to_owned(),
            kubectl: way.kubectl.clone(),
            user: way.config.auth_info.clone(),
        }
    }

    /// The address of the API server.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Nothing could be sent.
    pub fn unusable(&self, error: &kube::Error) -> Failure {
        match Trouble::of(error) {
            credentials @ Trouble::Credentials(_) => self.failure(credentials),
            other => Failure::usage(format!("can't make ready to ask {}", self.server))
                .cause(other.words())
                .hint(format!("{} config view --minify", self.kubectl)),
        }
    }

    /// The plugin that looks for credentials does not end.
    pub fn plugin_hangs(&self, limit: Duration) -> Failure {
        let words = format!("it did not end within {} s", limit.as_secs());
        self.failure(Trouble::Credentials(words))
    }

    /// A trouble in its final form.
    pub fn failure(&self, trouble: Trouble) -> Failure {
        let server = &self.server;
        let failure = |kind, what: String| Failure::new(kind, what);
        match trouble {
            Trouble::Stopped(failure) => *failure,
            Trouble::Unheard(words) => {
                self.away(format!("the API server {server} can't be reached"), words)
            }
            Trouble::Unanswered(words) => {
                self.away(format!("the API server {server} doesn't answer"), words)
            }
            Trouble::Untrusted(words) => failure(
                FailureKind::Authentication,
                format!("the certificate of the API server {server} is not trusted"),
            )
            .cause(words)
            .hint(format!("{} config view --minify", self.kubectl)),
            Trouble::Credentials(words) => self.no_credentials(words),
            Trouble::Garbled(words) => failure(
                FailureKind::Failed,
                format!("what answers at {server} is no API server of Kubernetes"),
            )
            .cause(words)
            .hint(format!("{} version", self.kubectl)),
            Trouble::Refused(status) => self.refused(&status),
        }
    }

    fn no_credentials(&self, words: String) -> Failure {
        let what = format!(
            "there are no usable credentials for the API server {}",
            self.server
        );
        let failure = Failure::new(FailureKind::Authentication, what);
        let Some(plugin) = &self.user.exec else {
            let expired = self.expired(OffsetDateTime::now_utc());
            return failure
                .cause(expired.unwrap_or(words))
                .hint(format!("{} auth whoami", self.kubectl));
        };
        let command = plugin.command.as_deref().unwrap_or_default();
        let failure = failure.cause(format!("the kubeconfig's plugin '{command}': {words}"));
        match &plugin.install_hint {
            Some(hint) => failure.hint(hint.trim()),
            None => failure.hint(format!("{} auth whoami", self.kubectl)),
        }
    }

    fn away(&self, what: String, words: String) -> Failure {
        Failure::failed(what)
            .cause(words)
            .hint(format!("{} get --raw /readyz", self.kubectl))
    }

    fn refused(&self, status: &Status) -> Failure {
        let message = status.message();
        match status.code {
            401 => {
                let what = format!("the API server {} does not know who we are", self.server);
                let expired = self.expired(OffsetDateTime::now_utc());
                Failure::new(FailureKind::Authentication, what)
                    .cause(expired.unwrap_or(message))
                    .hint(format!("{} auth whoami", self.kubectl))
            }
            403 => {
                let what = format!("the API server {} does not let us", self.server);
                Failure::new(FailureKind::Authentication, what)
                    .cause(message)
                    .hint(format!("{} auth can-i --list", self.kubectl))
            }
            code => Failure::failed(format!("the API server {} answered {code}", self.server))
                .cause(message)
                .hint(format!("{} get --raw /readyz?verbose", self.kubectl)),
        }
    }

    /// The API server does not say that credentials are merely too old; they do themselves.
    fn expired(&self, now: OffsetDateTime) -> Option<String> {
        let (what, end) = match token_end(&self.user) {
            Some(end) => ("token", end),
            None => ("client certificate", certificate_end(&self.user)?),
        };
        let shown = end.format(&Rfc3339).ok()?;
        (end < now).then(|| format!("the {what} expired at {shown}"))
    }
}

/// When the token ends, if it is one that tells.
fn token_end(user: &AuthInfo) -> Option<OffsetDateTime> {
    let token = match (&user.token, &user.token_file) {
        (Some(token), _) => token.expose_secret().to_owned(),
        (None, Some(file)) => std::fs::read_to_string(file).ok()?,
        (None, None) => return None,
    };
    let claims = token.trim().split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    OffsetDateTime::from_unix_timestamp(claims["exp"].as_i64()?).ok()
}

fn certificate_end(user: &AuthInfo) -> Option<OffsetDateTime> {
    let pem = match (&user.client_certificate_data, &user.client_certificate) {
        (Some(data), _) => STANDARD.decode(data).ok()?,
        (None, Some(file)) => std::fs::read(file).ok()?,
        (None, None) => return None,
    };
    let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).ok()?;
    let end = pem.parse_x509().ok()?.validity().not_after;
    Some(end.to_datetime())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_token(claims: &str) -> Credentials {
        let token = format!("e30.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims));
        let user = AuthInfo {
            token: Some(token.into()),
            ..AuthInfo::default()
        };
        Credentials {
            server: "https://127.0.0.1:6443".into(),
            kubectl: "kubectl --context lab".into(),
            user,
        }
    }

    #[test]
    fn a_token_that_is_too_old_is_told_and_never_shown() {
        let credentials = of_token(r#"{"exp":1600000000}"#);
        let status = Status::read(401, None, b"");
        let failure = credentials.failure(Trouble::Refused(Box::new(status)));
        assert_eq!(failure.kind, FailureKind::Authentication);
        assert_eq!(
            failure.causes,
            ["the token expired at 2020-09-13T12:26:40Z"]
        );
        assert_eq!(failure.hints, ["kubectl --context lab auth whoami"]);
        assert!(!format!("{failure:?}").contains("e30."));
    }

    #[test]
    fn a_token_without_an_end_is_not_called_old() {
        let credentials = of_token("{}");
        let status = Status::read(401, None, b"Unauthorized");
        let failure = credentials.failure(Trouble::Refused(Box::new(status)));
        assert_eq!(failure.causes, ["Unauthorized"]);
    }
}
