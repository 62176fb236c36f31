//! How long a request may take: all of it, and between two pieces of its body. Who sends a body byte by byte is not waited for,
//! and is told so (408); where all of it had arrived, the failure is ours (503).

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hyper::body::{Body as _, Frame, SizeHint};
use tower_http::timeout::{TimeoutBody, TimeoutError};

use super::{ApiError, fallback};

/// For everything that a request does, reading its body included.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Between two pieces of a body.
const SILENCE: Duration = Duration::from_secs(10);

/// How much of a request is still on its way.
pub struct Rest(Option<Arc<AtomicBool>>);

/// The request with a body that is not waited for, and what tells whether all of it has arrived.
pub fn with_impatient_body(request: Request) -> (Request, Rest) {
    if request.body().is_end_stream() {
        return (request, Rest(None));
    }
    let rest = Arc::new(AtomicBool::new(true));
    let request = request.map(|body| arriving(body, &rest));
    (request, Rest(Some(rest)))
}

/// The answer, or that it took too long.
pub async fn limit_time(rest: Rest, answer: impl Future<Output = Response>) -> Response {
    within(TIME_LIMIT, rest, answer).await
}

async fn within(
    limit: Duration,
    Rest(rest): Rest,
    answer: impl Future<Output = Response>,
) -> Response {
    match tokio::time::timeout(limit, answer).await {
        Ok(response) => response,
        Err(_) if rest.is_some_and(|rest| rest.load(Ordering::Relaxed)) => {
            fallback::too_slow().into_response()
        }
        Err(_) => ApiError::TookTooLong.into_response(),
    }
}

fn arriving(body: Body, rest: &Arc<AtomicBool>) -> Body {
    Body::new(Arriving {
        body: Body::new(TimeoutBody::new(SILENCE, body)),
        rest: Arc::clone(rest),
    })
}

/// A body that says when all of it is there.
struct Arriving {
    body: Body,
    /// Whether some of it has not arrived.
    rest: Arc<AtomicBool>,
}

impl hyper::body::Body for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.rest.store(false, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What is said where a body could not be read to its end.
pub fn broken_off(error: &(dyn std::error::Error + 'static)) -> ApiError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TimeoutError>() {
            return fallback::too_slow();
        }
        cause = error.source();
    }
    ApiError::refused(
        StatusCode::BAD_REQUEST,
        "invalid_body",
        "The body could not be read",
    )
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::Router;
    use axum::middleware::{Next, from_fn};
    use axum::routing::post;
    use tower::ServiceExt;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);

    async fn answered(body: Body) -> StatusCode {
        let stuck = |_read: Bytes| std::future::pending::<()>();
        let router = Router::new().route("/", post(stuck));
        let limited = |request, next: Next| {
            let (request, rest) = with_impatient_body(request);
            within(LIMIT, rest, next.run(request))
        };
        let router = router.layer(from_fn(limited));
        let request = Request::post("/").body(body).unwrap();
        router.oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn work_that_never_ends_is_our_failure() {
        for body in [Body::empty(), Body::from("all of it")] {
            assert_eq!(answered(body).await, StatusCode::SERVICE_UNAVAILABLE);
        }
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_its_senders() {
        let drops = futures::stream::unfold((), |()| async {
            tokio::time::sleep(LIMIT / 5).await;
            Some((Ok::<_, Infallible>("drop"), ()))
        });
        let body = Body::from_stream(drops);
        assert_eq!(answered(body).await, StatusCode::REQUEST_TIMEOUT);
    }
}
