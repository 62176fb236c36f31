//! Serves connections: each in a task of its own, with limits on how long a client may take to ask. Stops by letting every
//! connection finish what it is at.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::sync::watch::Receiver;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

use super::listening::{Listening, Stream};
use super::unhurried::Unhurried;
use crate::rate_limit::Peer;

/// Connections at once. More wait in the system's queue.
const CONNECTIONS: usize = 8192;
/// For the first request's head, from the moment at which the connection stands.
const FIRST: Duration = Duration::from_secs(15);
/// For the head of a later one, with the time in which nothing is asked: longer than a load balancer keeps a connection that
/// rests (60 seconds), so that it is never the service that closes one under a request.
const NEXT: Duration = Duration::from_secs(75);

/// Serves until told to stop, then until the last connection is done.
pub async fn serve(mut listener: Listening, router: Router, mut closing: Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let connections = GracefulShutdown::new();
    let builder = Arc::new(builder());
    loop {
        let accepted = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (listener.accept().await, permit)
        };
        let ((stream, peer), permit) = tokio::select! {
            accepted = accepted => accepted,
            _told = closing.wait_for(|closing| *closing) => break,
        };
        let Ok(permit) = permit else { break };
        let connection = Connection {
            stream,
            peer,
            router: router.clone(),
            watcher: connections.watcher(),
            _room: permit,
        };
        tokio::spawn(connection.serve(Arc::clone(&builder)));
    }
    drop(listener);
    connections.shutdown().await;
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().header_read_timeout(NEXT);
    let mut two = builder.http2();
    two.timer(TokioTimer::new())
        .keep_alive_interval(NEXT)
        .max_concurrent_streams(100);
    builder
}

struct Connection {
    stream: Stream,
    peer: SocketAddr,
    router: Router,
    watcher: Watcher,
    _room: OwnedSemaphorePermit,
}

impl Connection {
    async fn serve(self, builder: Arc<Builder<TokioExecutor>>) {
        let asked = Arc::new(AtomicBool::new(false));
        let (router, peer, first) = (self.router, self.peer, Arc::clone(&asked));
        let service = service_fn(move |request: Request<Incoming>| {
            first.store(true, Ordering::Relaxed);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(Peer(peer)));
            let answer = router.clone().oneshot(request);
            async move { answer.await.map_err(|never: Infallible| never) }
        });
        let mut builder = (*builder).clone();
        builder.http1().timer(Unhurried::new());
        let connection = builder
            .serve_connection(TokioIo::new(self.stream), service)
            .into_owned();
        let connection = self.watcher.watch(connection);
        let silent = async {
            tokio::time::sleep(FIRST).await;
            if asked.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            // What breaks a connection is its client's doing, and the client's to know.
            _broken = connection => {}
            () = silent => {}
        }
    }
}
