//! `GET /metrics` for as long as the process runs. Each answer is measured anew; one at a time, so that nobody can make it work harder.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use opsctl_core::{Failure, Result};
use tokio::net::{TcpListener, TcpStream};

use crate::session::Session;

const FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
/// For whoever connects and says nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers until the process is stopped.
pub(super) async fn run(session: &Session, address: SocketAddr) -> Result<u8> {
    let failed = |error: std::io::Error| {
        Failure::failed(format!("can't listen on {address}")).because(error)
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    session
        .output
        .say(&format!("measurements at http://{address}/metrics"));
    // The first process of a container is not ended by a signal that it does not listen for.
    tokio::select! {
        () = answer_everybody(session, &listener) => {}
        () = crate::signals::ended() => {}
    }
    Ok(0)
}

async fn answer_everybody(session: &Session, listener: &TcpListener) {
    loop {
        match listener.accept().await {
            Ok((tcp, _)) => serve(session, tcp).await,
            // Out of file descriptors: whoever holds them gives them back.
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

async fn serve(session: &Session, tcp: TcpStream) {
    let service = service_fn(|request| respond(session, request));
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false);
    // A client that goes away in the middle is its own affair.
    let _ended = tokio::time::timeout(
        6 * PATIENCE,
        server.serve_connection(TokioIo::new(tcp), service),
    )
    .await;
}

async fn respond(
    session: &Session,
    request: Request<Incoming>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let asked = request.method() == Method::GET && request.uri().path() == "/metrics";
    let (status, text) = match asked {
        false => (StatusCode::NOT_FOUND, "there is /metrics\n".to_owned()),
        true => match super::measured(session).await {
            Ok((_, text)) => (StatusCode::OK, text),
            Err(failure) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{failure}\n")),
        },
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, FORMAT);
    Ok(response)
}
