//! The book over HTTP: Alertmanager posts to any path, people take things up at `/acknowledge/<incident>`, and `/calls` tells.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot};

use super::{
    book::{Book, Call},
    clock::Clock,
    policy::Policy,
    webhook::Alert,
};

/// Longer than any notification.
const LONGEST: usize = 4 * 1024 * 1024;

/// Listens until it is dropped, on a thread of its own.
#[derive(Debug)]
pub struct OnCall {
    address: SocketAddr,
    shared: Arc<Shared>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    book: Mutex<Book>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl OnCall {
    /// On a port of this machine; 0 takes any free one.
    ///
    /// # Errors
    /// When the port can't be had.
    pub fn start(policy: Policy, clock: Arc<dyn Clock>, port: u16) -> Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port))
            .with_context(|| format!("listen on port {port}"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let book = Mutex::new(Book::new(policy));
        let shared = Arc::new(Shared { book, clock });
        let (end, ended) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, serving) => {}
                    _ = ended => {}
                }
            });
        });
        Ok(Self {
            address,
            shared,
            end: Some(end),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everybody who was called until now.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        let mut book = self.shared.book();
        book.pass(self.shared.clock.now());
        book.calls().to_vec()
    }

    /// How often the watchdog was heard.
    #[must_use]
    pub fn words_of_the_watchdog(&self) -> usize {
        self.shared.book().words_of_the_watchdog()
    }

    /// The names of the alerts that are open.
    #[must_use]
    pub fn open(&self) -> Vec<String> {
        self.shared.book().alerts().map(str::to_owned).collect()
    }
}

impl Drop for OnCall {
    fn drop(&mut self) {
        // Whoever is gone already needs no word.
        let _told = self.end.take().map(|end| end.send(()));
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    while let Ok((tcp, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(move |request| respond(request, Arc::clone(&shared)));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(tcp), service);
            // A client that goes away in the middle is its own affair.
            let _ended = connection.await;
        });
    }
}

async fn respond(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = http_body_util::Limited::new(body, LONGEST).collect().await;
    let Ok(body) = body.map(http_body_util::Collected::to_bytes) else {
        return Ok(said(StatusCode::PAYLOAD_TOO_LARGE, json!({})));
    };
    let path = head.uri.path();
    let answer = match (&head.method, path.strip_prefix("/acknowledge/")) {
        (&Method::POST, Some(incident)) => shared.acknowledge(incident, &body),
        (&Method::POST, None) => shared.take(&body),
        (&Method::GET, None) if path == "/calls" => shared.tell(),
        _ => (
            StatusCode::NOT_FOUND,
            json!({"error": "there is /calls and /acknowledge/<incident>"}),
        ),
    };
    Ok(said(answer.0, answer.1))
}

impl Shared {
    fn take(&self, body: &[u8]) -> (StatusCode, serde_json::Value) {
        match Alert::all_of(body) {
            Ok(alerts) => {
                let now = self.clock.now();
                let mut book = self.book();
                for alert in &alerts {
                    book.take(now, alert);
                }
                (StatusCode::OK, json!({"taken": alerts.len()}))
            }
            Err(error) => (
                StatusCode::BAD_REQUEST,
                json!({"error": format!("{error:#}")}),
            ),
        }
    }

    /// The body is the name of whoever takes it up.
    fn acknowledge(&self, incident: &str, body: &[u8]) -> (StatusCode, serde_json::Value) {
        let who = String::from_utf8_lossy(body);
        let who = if who.is_empty() { "somebody" } else { &who };
        let now = self.clock.now();
        match self.book().acknowledge(now, incident, who) {
            Ok(()) => (StatusCode::OK, json!({"taken_up_by": who})),
            Err(none) => {
                let error = format!("nothing is open under {}", none.0);
                (StatusCode::NOT_FOUND, json!({"error": error}))
            }
        }
    }

    fn tell(&self) -> (StatusCode, serde_json::Value) {
        let mut book = self.book();
        book.pass(self.clock.now());
        let open: Vec<_> = book.open().collect();
        (StatusCode::OK, json!({"calls": book.calls(), "open": open}))
    }
}

fn said(status: StatusCode, body: serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response
}
