//! Who is told how an operation went.

use std::fmt;

use crate::secret::Secret;

/// When somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// It began.
    Started,
    /// It ended, or stopped.
    Ended,
}

/// An address that takes a POST of JSON. What lies behind its host is a secret, mostly, and never shown.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct WebhookAddress(String);

impl WebhookAddress {
    /// The whole of it, for the one call that needs it.
    #[must_use]
    pub fn secret(&self) -> Secret<String> {
        Secret::new(self.0.clone())
    }
}

impl fmt::Display for WebhookAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("", &self.0));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        write!(f, "{scheme}://{host}/…")
    }
}

impl fmt::Debug for WebhookAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for WebhookAddress {
    fn serialize<S: serde::Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_str(self)
    }
}

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<WebhookAddress>,
    /// The environment variable that holds the address, where it is a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_from: Option<String>,
    /// When.
    #[serde(default = "at_the_end")]
    pub on: Vec<Moment>,
}

fn at_the_end() -> Vec<Moment> {
    vec![Moment::Ended]
}

impl fmt::Display for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.url, &self.url_from) {
            (_, Some(variable)) => write!(f, "the webhook of {variable}"),
            (Some(url), None) => write!(f, "the webhook {url}"),
            (None, None) => f.write_str("a webhook without an address"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_host_is_shown() {
        for (address, shown) in [
            (
                "https://hooks.example.com/services/T0/B0/token",
                "https://hooks.example.com/…",
            ),
            (
                "https://ada:hunter2@example.com:8443?token=1",
                "https://example.com:8443/…",
            ),
            ("nonsense", "://nonsense/…"),
        ] {
            let hook: Webhook =
                serde_json::from_value(serde_json::json!({"url": address})).unwrap();
            assert_eq!(hook.on, [Moment::Ended]);
            assert_eq!(hook.to_string(), format!("the webhook {shown}"));
            assert_eq!(serde_json::to_value(&hook).unwrap()["url"], shown);
            assert!(!format!("{hook:?}").contains("token"));
        }
    }
}
