//! The way of a question of the registry's protocol: who asks, whether ECR allows it, on to the real registry, and what is kept of
//! what was pushed.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;
use http_body_util::{BodyExt, Either, Full};
use hyper::{
    Method, Request, Response, StatusCode, Uri,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, WWW_AUTHENTICATE},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::{
    replication::{Pushed, Replicator},
    state::{Image, State},
    tokens::Stranger,
};
use crate::endpoint::Home;

/// Kept whole where it is looked into, passed on as it comes where not.
type Body = Either<Full<Bytes>, Incoming>;
/// How often a silent connection looks whether its region answers again.
const LOOK: Duration = Duration::from_millis(50);

pub(super) struct Passing {
    home: Home,
    host: String,
    state: Arc<Mutex<State>>,
    way: Client<HttpConnector, Body>,
    pushed: Replicator,
}

/// What a path names.
struct Place {
    repository: String,
    /// `manifests`, `blobs`, `tags` or `referrers`.
    kind: String,
    reference: String,
}

impl Passing {
    pub fn new(runtime: &Handle, home: &Home, host: &str, state: &Arc<Mutex<State>>) -> Self {
        Self {
            home: home.clone(),
            host: host.to_owned(),
            state: Arc::clone(state),
            way: Client::builder(TokioExecutor::new()).build_http(),
            pushed: Replicator::of(runtime, home, host, state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn silence(&self) {
        while self.swallowed() {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn swallowed(&self) -> bool {
        self.state().faults.swallow(&self.home.region)
    }

    /// Why ECR does not let this through, if it does not.
    fn refusal(
        &self,
        request: &Request<Incoming>,
        place: Option<&Place>,
    ) -> Option<Response<Body>> {
        let shown = request.headers().get(AUTHORIZATION);
        let shown = shown.and_then(|value| value.to_str().ok());
        let state = self.state();
        if let Err(stranger) = state.admits(shown, &self.home) {
            return Some(stranger.told());
        }
        let place = place?;
        let id = (self.home.clone(), place.repository.clone());
        let Some(repository) = state.repositories.get(&id) else {
            let message = format!(
                "The repository with name '{}' does not exist in the registry with id '{}'",
                place.repository, self.home.account
            );
            return Some(refused(404, "NAME_UNKNOWN", &message));
        };
        if request.method() == Method::DELETE {
            return Some(refused(
                405,
                "UNSUPPORTED",
                "Images are deleted by BatchDeleteImage.",
            ));
        }
        let tag = place.tag_that_is_put(request.method())?;
        let taken = repository.mutability.holds(tag) && repository.find(tag).is_some();
        taken.then(|| {
            let message = format!(
                "The image tag '{tag}' already exists in the '{}' repository and cannot be overwritten because the tag is \
                 immutable.",
                place.repository
            );
            refused(400, "TAG_INVALID", &message)
        })
    }

    fn keep(&self, place: &Place, media_type: &str, body: &Bytes) {
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(body)));
        let mut state = self.state();
        let image = Image {
            manifest: String::from_utf8_lossy(body).into_owned(),
            media_type: media_type.to_owned(),
            pushed_at: state.clock.now(),
            tags: BTreeSet::new(),
        };
        let id = (self.home.clone(), place.repository.clone());
        if let Some(repository) = state.repositories.get_mut(&id) {
            repository.keep(&digest, place.tag_that_is_put(&Method::PUT), image);
        }
    }
}

/// An error here hangs up.
pub(super) async fn answer(
    passing: &Passing,
    request: Request<Incoming>,
) -> Result<Response<Body>> {
    passing.silence().await;
    let place = Place::of(request.uri().path());
    if let Some(refusal) = passing.refusal(&request, place.as_ref()) {
        return Ok(refusal);
    }
    let pushed = request.method() == Method::PUT;
    match place.filter(|place| pushed && place.kind == "manifests") {
        Some(place) => push(passing, &place, request).await,
        None => pass_on(passing, request.map(Either::Right)).await,
    }
}

async fn push(
    passing: &Passing,
    place: &Place,
    request: Request<Incoming>,
) -> Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    let bytes = body.collect().await?.to_bytes();
    let kind = parts.headers.get(CONTENT_TYPE);
    let kind = kind
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let request = Request::from_parts(parts, Either::Left(Full::new(bytes.clone())));
    let answer = pass_on(passing, request).await?;
    if answer.status() == StatusCode::CREATED {
        passing.keep(place, &kind, &bytes);
        passing.pushed.tell(Pushed {
            repository: place.repository.clone(),
            reference: place.reference.clone(),
            kind,
            manifest: bytes,
        });
    }
    Ok(answer)
}

async fn pass_on(passing: &Passing, mut request: Request<Body>) -> Result<Response<Body>> {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().map(|query| format!("?{query}"));
    // Blobs of one repository are not given to another: the client uploads them.
    let query = query.filter(|query| !query.contains("mount="));
    let address = format!("http://{}{path}{}", passing.host, query.unwrap_or_default());
    *request.uri_mut() = address.parse::<Uri>()?;
    request.headers_mut().remove(HOST);
    request.headers_mut().remove(AUTHORIZATION);
    let answer = passing.way.request(request).await?;
    passing.silence().await;
    Ok(answer.map(Either::Right))
}

impl Place {
    /// None where a path names no repository: the root of the protocol.
    fn of(path: &str) -> Option<Self> {
        let path = path.strip_prefix("/v2/")?;
        let kinds = ["/manifests/", "/blobs/", "/tags/", "/referrers/"];
        let (at, kind) = kinds
            .iter()
            .find_map(|kind| Some((path.rfind(kind)?, *kind)))?;
        Some(Self {
            repository: path.get(..at)?.to_owned(),
            kind: kind.trim_matches('/').to_owned(),
            reference: path.get(at + kind.len()..)?.to_owned(),
        })
    }

    fn tag_that_is_put(&self, method: &Method) -> Option<&str> {
        let tagged =
            method == Method::PUT && self.kind == "manifests" && !self.reference.contains(':');
        tagged.then_some(&self.reference)
    }
}

impl Stranger {
    fn told(self) -> Response<Body> {
        let denied = |message| refused(403, "DENIED", message);
        match self {
            Self::Nobody => {
                let mut answer = refused(401, "UNAUTHORIZED", "authentication required");
                let ways =
                    HeaderValue::from_static("Basic realm=\"ecr\",service=\"ecr.amazonaws.com\"");
                answer.headers_mut().insert(WWW_AUTHENTICATE, ways);
                answer
            }
            Self::TooLate => {
                denied("Your authorization token has expired. Reauthenticate and try again.")
            }
            Self::OfAnotherAccount => denied(
                "not authorized to perform this on another account's repository because no resource-based policy allows it",
            ),
        }
    }
}

fn refused(status: u16, code: &str, message: &str) -> Response<Body> {
    let body = serde_json::json!({"errors": [{"code": code, "message": message}]});
    let mut answer = Response::new(Either::Left(Full::from(body.to_string())));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let kind = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
