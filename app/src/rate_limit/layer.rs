//! The middleware: counts a request before anything is done for it, and says in the answer what is left.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::address::Peer;
use super::quota::{Count, Whom};
use crate::auth::{self, Standing};
use crate::http::{ApiError, AppState, RequestId};

/// The token of this request was looked at, and its user counted.
#[derive(Debug, Clone)]
pub struct Counted(pub Arc<Standing>);

/// The middleware. The address is counted before a token is looked up, so that nobody can ask the database too much; both in
/// one step where the token is known already.
pub async fn limit(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let address = address(&state, &request);
    let known = auth::known(&state, request.headers());
    let user = known
        .as_ref()
        .map(|standing| Whom::User(standing.bearer.user));
    let whom: Vec<Whom> = user.into_iter().chain(address).collect();
    let counts = state.limits.count(&whom).await;
    if let Some(refusal) = refusal(&whom, &counts) {
        return refusal;
    }
    let mut told = counts.first().copied();
    if let Some(standing) = known {
        request.extensions_mut().insert(Counted(standing));
    } else if let Some(standing) = auth::looked_up(
        &state,
        request.headers(),
        request.extensions().get::<RequestId>(),
    )
    .await
    {
        let user = [Whom::User(standing.bearer.user)];
        let counts = state.limits.count(&user).await;
        if let Some(refusal) = refusal(&user, &counts) {
            return refusal;
        }
        told = counts.first().copied();
        request.extensions_mut().insert(Counted(standing));
    }
    let mut response = next.run(request).await;
    if let Some(count) = told {
        count.tell(response.headers_mut());
    }
    response
}

/// None inside a test that has no connection.
fn address(state: &AppState, request: &Request) -> Option<Whom> {
    let peer = request.extensions().get::<ConnectInfo<Peer>>()?.0.0.ip();
    Some(Whom::at(state.proxies.client(peer, request.headers())))
}

fn refusal(whom: &[Whom], counts: &[Count]) -> Option<Response> {
    let mut found = whom.iter().zip(counts);
    let (whom, count) = found.find(|(_, count)| count.is_over())?;
    metrics::counter!("rate_limited_total", "of" => whom.kind()).increment(1);
    let seconds = count.seconds();
    let mut response = ApiError::TooManyRequests { seconds }.into_response();
    count.tell(response.headers_mut());
    Some(response)
}
