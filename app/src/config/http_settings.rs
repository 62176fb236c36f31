//! What an operator may say about how requests are answered: `APP_DEBUG`, `CORS_ORIGINS`, `REQUESTS_AT_ONCE`.

use axum::http::{HeaderValue, Uri};

use super::variables::Variables;
use super::{ConfigError, registry};

/// How requests are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// Whether a failure says its cause.
    pub debug: bool,
    /// Whose pages may call from a browser.
    pub origins: Vec<HeaderValue>,
    /// Requests that are worked on at once.
    pub at_once: usize,
}

impl HttpSettings {
    pub(super) fn read(variables: &Variables<'_>, debug: bool) -> Self {
        let at_once = variables.number(registry::REQUESTS_AT_ONCE, 512, 1..=100_000);
        Self {
            debug: variables.flag(registry::APP_DEBUG, debug),
            origins: variables.parsed(registry::CORS_ORIGINS, Vec::new(), origins),
            at_once: usize::try_from(at_once).unwrap_or(usize::MAX),
        }
    }
}

fn origins(text: &str) -> Result<Vec<HeaderValue>, ConfigError> {
    let one = |text: &str| {
        origin(text).ok_or_else(|| ConfigError::Invalid {
            name: registry::CORS_ORIGINS,
            problem: format!("{text:?} is no origin, such as https://app.example.com"),
        })
    };
    text.split(',').map(str::trim).map(one).collect()
}

/// Scheme, host and perhaps a port, as browsers write it: without a path, not even the root. Never `*`: a list that is meant
/// is written down.
fn origin(text: &str) -> Option<HeaderValue> {
    let uri: Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let scheme = uri
        .scheme_str()
        .filter(|scheme| ["http", "https"].contains(scheme))?;
    let written = format!("{scheme}://{authority}");
    (written == text.to_ascii_lowercase()).then(|| written.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host_and_nothing_more() {
        assert_eq!(
            origins("https://a.example,http://localhost:3000")
                .unwrap()
                .len(),
            2
        );
        for text in [
            "*",
            "a.example",
            "https://a.example/",
            "ftp://a.example",
            "null",
            "",
        ] {
            assert!(origins(text).is_err(), "{text}");
        }
    }
}
