//! Asks the auth service. A question is tried twice, each within a second; what it answers is believed, and nothing else is.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use super::breaker::{Breaker, Turn};
use super::decisions::Decisions;
use super::words::{Judgement, Question};
use crate::config::AuthServiceSettings;
use crate::http::{ApiError, RequestId};
use crate::outward::{self, Client, OutwardError, why};
use crate::telemetry::traces;

/// For one try, connecting included.
const PATIENCE: Duration = Duration::from_secs(1);
const TRIES: u32 = 2;
/// Bytes of an answer; a judgement has a few hundred.
const LONGEST: usize = 64 * 1024;

const ASKED: &str = "auth_service_requests_total";
const SECONDS: &str = "auth_service_request_seconds";
const OPEN: &str = "auth_service_given_up";

/// The way to it.
#[derive(Debug)]
pub struct AuthService {
    client: Client,
    place: Uri,
    breaker: Breaker,
    pub(in crate::auth) decisions: Decisions,
}

/// What a try came to, where it came to nothing.
struct Failed(String);

impl AuthService {
    /// # Errors
    /// When the authority that vouches for it cannot be read.
    pub fn new(settings: &AuthServiceSettings, lasts: Duration) -> Result<Self, OutwardError> {
        describe_counter!(ASKED, "Questions to the auth service, by what came of them");
        describe_histogram!(SECONDS, "Seconds until the auth service answered");
        describe_gauge!(
            OPEN,
            "1 while the auth service is not asked because it failed"
        );
        for outcome in ["good", "refused", "failed", "not_asked"] {
            counter!(ASKED, "outcome" => outcome).absolute(0);
        }
        gauge!(OPEN).set(0.0);
        Ok(Self {
            client: outward::client(settings.authority.as_deref())?,
            place: settings.place.clone(),
            breaker: Breaker::default(),
            decisions: Decisions::new(lasts),
        })
    }

    /// Whether it is given up on for the moment.
    pub fn is_given_up(&self) -> bool {
        self.breaker.is_open()
    }

    /// What it says.
    ///
    /// # Errors
    /// When the token does not hold, or when nobody can say.
    pub(in crate::auth) async fn ask(
        &self,
        question: &Question,
        request_id: Option<&RequestId>,
    ) -> Result<Judgement, ApiError> {
        if !self.breaker.may_ask(Instant::now()) {
            counter!(ASKED, "outcome" => "not_asked").increment(1);
            return Err(ApiError::AuthUnavailable);
        }
        let body = serde_json::to_vec(question).map_err(|e| ApiError::Internal(e.to_string()))?;
        let body = Bytes::from(body);
        for tried in 1..=TRIES {
            match self.once(body.clone(), request_id).await {
                Ok(judgement) => return self.answered(judgement),
                Err(Failed(error)) if tried < TRIES => {
                    tracing::warn!(error, "the auth service is asked again");
                }
                Err(Failed(error)) => self.gave_up(&error),
            }
        }
        Err(ApiError::AuthUnavailable)
    }

    fn answered(&self, judgement: Option<Judgement>) -> Result<Judgement, ApiError> {
        if self.breaker.succeeded() == Turn::Closed {
            gauge!(OPEN).set(0.0);
            tracing::warn!("the auth service answers again");
        }
        let outcome = if judgement.is_some() {
            "good"
        } else {
            "refused"
        };
        counter!(ASKED, "outcome" => outcome).increment(1);
        judgement.ok_or(ApiError::InvalidToken)
    }

    fn gave_up(&self, error: &str) {
        counter!(ASKED, "outcome" => "failed").increment(1);
        if self.breaker.failed(Instant::now()) == Turn::Opened {
            gauge!(OPEN).set(1.0);
            tracing::error!(
                error,
                "the auth service fails; nobody is recognised until it answers"
            );
        }
    }

    /// None when it says that the token does not hold.
    async fn once(
        &self,
        body: Bytes,
        request_id: Option<&RequestId>,
    ) -> Result<Option<Judgement>, Failed> {
        let began = Instant::now();
        let asked = tokio::time::timeout(PATIENCE, self.send(body, request_id)).await;
        histogram!(SECONDS).record(began.elapsed());
        let (status, answer) = asked.map_err(|_| Failed("it does not answer".into()))??;
        match status {
            StatusCode::OK => serde_json::from_slice(&answer)
                .map(Some)
                .map_err(|_| Failed("it answers in words that are unknown here".into())),
            StatusCode::UNAUTHORIZED => Ok(None),
            other => Err(Failed(format!("it answered {other}"))),
        }
    }

    async fn send(
        &self,
        body: Bytes,
        request_id: Option<&RequestId>,
    ) -> Result<(StatusCode, Bytes), Failed> {
        let mut request = Request::new(Full::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.place.clone();
        let headers = request.headers_mut();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        if let Some(id) = request_id.and_then(|id| HeaderValue::from_str(&id.0).ok()) {
            headers.insert("x-request-id", id);
        }
        traces::pass_on(headers);
        let answer = self.client.request(request).await;
        let answer = answer.map_err(|error| Failed(why(&error)))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LONGEST).collect().await;
        let body = body.map_err(|error| Failed(why(error.as_ref())))?;
        Ok((status, body.to_bytes()))
    }
}
