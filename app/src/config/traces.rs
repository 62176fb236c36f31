//! Where traces go: `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_CERTIFICATE`, `OTEL_TRACES_SAMPLER_ARG`.

use std::path::PathBuf;

use axum::http::Uri;

use super::variables::Variables;
use super::{ConfigError, Environment, Strictness, registry};

/// A collector, and what it gets.
#[derive(Debug, Clone, PartialEq)]
pub struct TracesSettings {
    /// Where spans are sent to.
    pub collector: Uri,
    /// Who vouches for it, beside those whom the machine trusts.
    pub authority: Option<PathBuf>,
    /// Of the traces that begin here, 0 to 1.
    pub share: f64,
}

impl TracesSettings {
    pub(super) fn read(variables: &Variables<'_>, environment: Environment) -> Option<Self> {
        let usual = match environment.strictness() {
            Strictness::Lenient => 1.0,
            Strictness::Guarded => 0.1,
        };
        let share = variables.parsed(registry::OTEL_TRACES_SAMPLER_ARG, usual, share);
        let collector = variables.parsed(registry::OTEL_EXPORTER_OTLP_ENDPOINT, None, place);
        let authority = variables.text(registry::OTEL_EXPORTER_OTLP_CERTIFICATE);
        Some(Self {
            collector: collector?,
            authority: authority.map(PathBuf::from),
            share,
        })
    }
}

/// The standard has the signal's own path below the endpoint.
fn place(text: &str) -> Result<Option<Uri>, ConfigError> {
    let usable = |uri: &Uri| {
        uri.host().is_some()
            && matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.query().is_none()
            // Credentials in an address end up in every error.
            && !text.contains('@')
    };
    let place = format!("{}/v1/traces", text.trim_end_matches('/'));
    let place = place.parse().ok().filter(usable);
    place.map(Some).ok_or_else(|| ConfigError::Invalid {
        name: registry::OTEL_EXPORTER_OTLP_ENDPOINT,
        problem: "it is no address, such as https://collector.example:4318".into(),
    })
}

fn share(text: &str) -> Result<f64, ConfigError> {
    let share: Option<f64> = text.parse().ok();
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| ConfigError::Invalid {
        name: registry::OTEL_TRACES_SAMPLER_ARG,
        problem: format!("{text:?} is no share, from 0 to 1"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_go_to_their_own_path_below_the_endpoint() {
        for text in ["http://127.0.0.1:4318", "http://127.0.0.1:4318/"] {
            let place = place(text).unwrap().unwrap();
            assert_eq!(place.to_string(), "http://127.0.0.1:4318/v1/traces");
        }
        for text in [
            "collector:4318",
            "grpc://a.example",
            "http://a:b@c.example",
            "/v1",
        ] {
            assert!(place(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_share_lies_between_nothing_and_everything() {
        assert_eq!(share("0.25").unwrap(), 0.25);
        for text in ["-1", "1.1", "NaN", "half"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
