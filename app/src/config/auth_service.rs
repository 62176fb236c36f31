//! Whom the role `api` asks who its callers are: `AUTH_SERVICE_URL`, `AUTH_SERVICE_CERTIFICATE`.

use std::path::PathBuf;

use axum::http::Uri;

use super::variables::Variables;
use super::{ConfigError, Role, registry};

/// The auth service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthServiceSettings {
    /// Where it is asked.
    pub place: Uri,
    /// Who vouches for it, beside those whom the machine trusts.
    pub authority: Option<PathBuf>,
}

impl AuthServiceSettings {
    /// None where the process judges tokens itself.
    pub(super) fn read(variables: &Variables<'_>, role: Role) -> Option<Self> {
        let place = variables.parsed(registry::AUTH_SERVICE_URL, None, place);
        let authority = variables.text(registry::AUTH_SERVICE_CERTIFICATE);
        let settings = Self {
            place: place?,
            authority: authority.map(PathBuf::from),
        };
        (role == Role::Api).then_some(settings)
    }
}

fn place(text: &str) -> Result<Option<Uri>, ConfigError> {
    let usable = |uri: &Uri| {
        uri.host().is_some()
            && matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.query().is_none()
            // Credentials in an address end up in every error.
            && !text.contains('@')
    };
    let place = format!("{}/internal/verify", text.trim_end_matches('/'));
    let place = place.parse().ok().filter(usable);
    place.map(Some).ok_or_else(|| ConfigError::Invalid {
        name: registry::AUTH_SERVICE_URL,
        problem: "it is no address, such as https://auth.example:8000".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_at_one_place_below_its_address() {
        for text in ["https://auth:8000", "https://auth:8000/"] {
            let place = place(text).unwrap().unwrap();
            assert_eq!(place.to_string(), "https://auth:8000/internal/verify");
        }
        for text in ["auth:8000", "ftp://auth", "https://a:b@auth"] {
            assert!(place(text).is_err(), "{text}");
        }
    }
}
