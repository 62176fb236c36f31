//! What a flag is called: `FEATURE_` and then capitals, digits and underscores, as an environment variable is written.

use std::fmt;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;

use crate::http::ApiError;

/// Opens the second status page.
pub const NEW_DASHBOARD: &str = "FEATURE_NEW_DASHBOARD";
/// Opens `/api/v2`.
pub const BETA_API_V2: &str = "FEATURE_BETA_API_V2";

const PREFIX: &str = "FEATURE_";
const LONGEST_REST: usize = 50;

/// The name of a flag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[schema(example = "FEATURE_BETA_API_V2", pattern = "^FEATURE_[A-Z0-9_]{1,50}$")]
pub struct FlagName(String);

/// Text that names no flag.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a flag is called FEATURE_ and 1 to {LONGEST_REST} of A-Z, 0-9 and _")]
pub struct NoFlagName;

impl FlagName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The two that this version asks for.
    pub fn asked_for() -> [Self; 2] {
        [BETA_API_V2, NEW_DASHBOARD].map(|name| Self(name.to_owned()))
    }
}

impl FromStr for FlagName {
    type Err = NoFlagName;

    fn from_str(text: &str) -> Result<Self, NoFlagName> {
        let rest = text.strip_prefix(PREFIX).ok_or(NoFlagName)?;
        let fits = (1..=LONGEST_REST).contains(&rest.len())
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        fits.then(|| Self(text.to_owned())).ok_or(NoFlagName)
    }
}

impl fmt::Display for FlagName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The `{name}` of the path.
impl<S: Send + Sync> FromRequestParts<S> for FlagName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let name = path.ok().and_then(|Path(text)| text.parse().ok());
        name.ok_or_else(|| {
            ApiError::refused(
                StatusCode::BAD_REQUEST,
                "invalid_flag_name",
                NoFlagName.to_string(),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_called_as_its_variable_is() {
        assert!("FEATURE_NEW_DASHBOARD".parse::<FlagName>().is_ok());
        let long = format!("FEATURE_{}", "X".repeat(51));
        for text in [
            "",
            "FEATURE_",
            "NEW_DASHBOARD",
            "feature_x",
            "FEATURE_x",
            "FEATURE_X Y",
            &long,
        ] {
            assert_eq!(text.parse::<FlagName>(), Err(NoFlagName), "{text}");
        }
    }
}
