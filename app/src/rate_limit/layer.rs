//! Counts a request before anything is done for it.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};

use super::address::Peer;
use super::quota::{Count, Whom};
use crate::auth::{self, Standing};
use crate::http::{ApiError, AppState, RequestId};

/// The token of this request was looked at, and its user counted.
#[derive(Debug, Clone)]
pub struct Counted(pub Arc<Standing>);

/// Lets a request in, or says why not. The address is counted before a token is looked up, so that nobody can ask the database too
/// much; both in one step where the token is known already.
///
/// # Errors
/// With the answer, where somebody asked too much.
pub async fn admit(state: &AppState, request: &mut Request) -> Result<Option<Count>, Response> {
    let address = address(state, request);
    let known = auth::known(state, request.headers());
    let user = known
        .as_ref()
        .map(|standing| Whom::User(standing.bearer.user));
    let whom: Vec<Whom> = user.into_iter().chain(address).collect();
    let counts = state.limits.count(&whom).await;
    refuse(&whom, &counts)?;
    let mut told = counts.first().copied();
    if let Some(standing) = known {
        request.extensions_mut().insert(Counted(standing));
    } else if let Some(standing) = auth::looked_up(
        state,
        request.headers(),
        request.extensions().get::<RequestId>(),
    )
    .await
    {
        let user = [Whom::User(standing.bearer.user)];
        let counts = state.limits.count(&user).await;
        refuse(&user, &counts)?;
        told = counts.first().copied();
        request.extensions_mut().insert(Counted(standing));
    }
    Ok(told)
}

/// None inside a test that has no connection.
fn address(state: &AppState, request: &Request) -> Option<Whom> {
    let peer = request.extensions().get::<ConnectInfo<Peer>>()?.0.0.ip();
    Some(Whom::at(state.proxies.client(peer, request.headers())))
}

fn refuse(whom: &[Whom], counts: &[Count]) -> Result<(), Response> {
    let mut found = whom.iter().zip(counts);
    let Some((whom, count)) = found.find(|(_, count)| count.is_over()) else {
        return Ok(());
    };
    metrics::counter!("rate_limited_total", "of" => whom.kind()).increment(1);
    let seconds = count.seconds();
    let mut response = ApiError::TooManyRequests { seconds }.into_response();
    count.tell(response.headers_mut());
    Err(response)
}
