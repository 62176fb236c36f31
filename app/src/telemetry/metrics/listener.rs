//! The internal listener: `GET /metrics` and nothing else.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch::Receiver;

use super::Recorder;
use crate::database::Database;

/// Every value that was measured is kept until it is counted: with nobody who reads, that would be for ever.
const COUNT_EVERY: Duration = Duration::from_secs(1);

const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Clone)]
struct Measurements {
    recorder: &'static Recorder,
    database: Database,
}

/// Answers until the process stops.
pub async fn serve(
    listener: TcpListener,
    recorder: &'static Recorder,
    database: Database,
    mut stopping: Receiver<bool>,
) {
    let router = Router::new()
        .route("/metrics", get(text))
        .with_state(Measurements { recorder, database });
    let told = async move {
        let _told = stopping.wait_for(|stop| *stop).await;
    };
    let serving = axum::serve(listener, router).with_graceful_shutdown(told);
    let served = tokio::select! {
        served = serving.into_future() => served,
        never = count(recorder) => never,
    };
    if let Err(error) = served {
        let error = error.to_string();
        tracing::error!(error, "nobody can read the measurements any more");
    }
}

async fn count(recorder: &Recorder) -> ! {
    loop {
        tokio::time::sleep(COUNT_EVERY).await;
        recorder.count();
    }
}

async fn text(State(measurements): State<Measurements>) -> impl IntoResponse {
    let text = measurements.recorder.text(&measurements.database);
    ([(header::CONTENT_TYPE, FORMAT)], text)
}
