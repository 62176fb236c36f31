//! Where a request comes from, for a handler.

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use super::address::Peer;
use super::quota::Whom;
use crate::http::AppState;

/// The address as it is counted; none inside a test that has no connection.
#[derive(Debug, Clone, Copy)]
pub struct Asking(pub Option<Whom>);

impl FromRequestParts<AppState> for Asking {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<Peer>>();
        Ok(Self(peer.map(|peer| {
            Whom::at(state.proxies.client(peer.0.0.ip(), &parts.headers))
        })))
    }
}

impl Asking {
    /// The address alone.
    pub fn name(self) -> String {
        match self.0 {
            Some(Whom::Address(address)) => address.to_string(),
            Some(Whom::User(_)) | None => String::new(),
        }
    }
}
