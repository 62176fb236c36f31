//! Stands before a registry and passes everything on, but for what a test wants to go wrong. It can ask for tokens as the
//! registries of clouds do.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, HOST, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It answers so, and says when to come again.
    Status(u16, Option<&'static str>),
    /// It passes the question on and hangs up instead of passing the answer back.
    LostAnswer,
    /// It claims that it took something else.
    AnotherDigest,
    /// It flips a bit of what is sent to it.
    AlteredOnTheWay,
}

#[derive(Debug)]
struct Planned {
    method: &'static str,
    part: &'static str,
    fault: Fault,
    times: u32,
}

#[derive(Debug, Default)]
struct Shared {
    planned: Vec<Planned>,
    heard: Vec<String>,
    wants_token: bool,
    own: Option<SocketAddr>,
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    serving: JoinHandle<()>,
}

/// What the front gives for the right name and password.
const TOKEN: &str = "a-token-of-the-tests";

type Way = Client<HttpConnector, Full<Bytes>>;

impl Front {
    /// On a port of its own, before the registry of that host.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn before(host: &str) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Mutex::new(Shared {
            own: Some(address),
            ..Shared::default()
        }));
        let serving = tokio::spawn(serve(listener, host.to_owned(), Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            serving,
        })
    }

    /// `127.0.0.1:<port>`: what references begin with.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The next so many questions of that method whose path holds that part go wrong.
    pub fn fail(&self, method: &'static str, part: &'static str, times: u32, fault: Fault) {
        locked(&self.shared).planned.push(Planned {
            method,
            part,
            fault,
            times,
        });
    }

    /// From now on only who brings a token is passed on.
    pub fn want_tokens(&self) {
        locked(&self.shared).wants_token = true;
    }

    /// The questions so far, as `METHOD /path`, those that went wrong too.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        locked(&self.shared).heard.clone()
    }

    /// How many of them had that method and that part in their path.
    #[must_use]
    pub fn count(&self, method: &str, part: &str) -> usize {
        let fits = |line: &&String| line.starts_with(method) && line.contains(part);
        self.heard().iter().filter(fits).count()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn locked(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, host: String, shared: Arc<Mutex<Shared>>) {
    let way: Way = Client::builder(TokioExecutor::new()).build_http();
    while let Ok((stream, _)) = listener.accept().await {
        let (way, host, shared) = (way.clone(), host.clone(), Arc::clone(&shared));
        let service = service_fn(move |request| {
            let (way, host, shared) = (way.clone(), host.clone(), Arc::clone(&shared));
            async move { answer(&way, &host, &shared, request).await }
        });
        // A client that hangs up ends its connection alone.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// An error here hangs up.
async fn answer(
    way: &Way,
    host: &str,
    shared: &Mutex<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let (fault, refusal) = {
        let mut shared = locked(shared);
        let line = format!("{} {}", request.method(), request.uri());
        shared.heard.push(line);
        (shared.fault(&request), shared.refusal(&request))
    };
    if let Some(refusal) = refusal {
        return Ok(refusal);
    }
    if let Some(Fault::Status(status, retry_after)) = fault {
        let mut answer = status_only(status);
        if let Some(wait) = retry_after {
            let wait = HeaderValue::from_static(wait);
            answer.headers_mut().insert("retry-after", wait);
        }
        return Ok(answer);
    }
    let altered = fault == Some(Fault::AlteredOnTheWay);
    let mut passed = pass_on(way, host, request, altered).await?;
    match fault {
        Some(Fault::LostAnswer) => Err(std::io::Error::other("hangs up")),
        Some(Fault::AnotherDigest) => {
            let other = HeaderValue::from_static(
                "sha256:0000000000000000000000000000000000000000000000000000000000000000",
            );
            passed.headers_mut().insert("docker-content-digest", other);
            Ok(passed)
        }
        _ => Ok(passed),
    }
}

impl Shared {
    fn fault(&mut self, request: &Request<Incoming>) -> Option<Fault> {
        let path = request.uri().to_string();
        let fits = |planned: &&mut Planned| {
            planned.times > 0
                && request.method().as_str() == planned.method
                && path.contains(planned.part)
        };
        let planned = self.planned.iter_mut().find(fits)?;
        planned.times -= 1;
        Some(planned.fault.clone())
    }

    /// What a registry with tokens says to whoever has none, and to whoever asks for one.
    fn refusal(&self, request: &Request<Incoming>) -> Option<Response<Full<Bytes>>> {
        if !self.wants_token {
            return None;
        }
        let shown = request.headers().get(AUTHORIZATION);
        let shown = shown.and_then(|value| value.to_str().ok());
        if request.uri().path() == "/token" {
            // Whoever brings any name and password gets one: the registry behind does not ask again.
            let known = shown.is_some_and(|shown| shown.starts_with("Basic "));
            return Some(match known {
                true => Response::new(Full::from(format!("{{\"token\":\"{TOKEN}\"}}"))),
                false => status_only(401),
            });
        }
        if shown == Some(&format!("Bearer {TOKEN}")) {
            return None;
        }
        let own = self.own.map(|own| own.to_string()).unwrap_or_default();
        let challenge = format!("Bearer realm=\"http://{own}/token\",service=\"of-the-tests\"");
        let mut answer = status_only(401);
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            answer.headers_mut().insert("www-authenticate", challenge);
        }
        Some(answer)
    }
}

fn status_only(status: u16) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from("{\"errors\":[{\"code\":\"OF_THE_TESTS\"}]}"));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
    answer
}

async fn pass_on(
    way: &Way,
    host: &str,
    request: Request<Incoming>,
    altered: bool,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let lost = |error: Box<dyn std::error::Error + Send + Sync>| std::io::Error::other(error);
    let (mut parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|it| lost(it.into()))?;
    let mut bytes = body.to_bytes().to_vec();
    if let Some(last) = bytes.last_mut().filter(|_| altered) {
        *last ^= 1;
    }
    let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    parts.uri = format!("http://{host}{path}")
        .parse()
        .map_err(|error: hyper::http::uri::InvalidUri| lost(error.into()))?;
    // The registry behind asks nobody.
    parts.headers.remove(AUTHORIZATION);
    parts.headers.remove(HOST);
    let request = Request::from_parts(parts, Full::from(bytes));
    let answer = way.request(request).await.map_err(|it| lost(it.into()))?;
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map_err(|it| lost(it.into()))?;
    Ok(Response::from_parts(parts, Full::from(body.to_bytes())))
}
