//! Where the registry of an account in a region listens; behind it is a real one.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use testkit::Registry;
use tokio::{net::TcpListener, runtime::Handle, task::JoinHandle};

use super::{
    passing::{self, Passing},
    state::State,
};
use crate::endpoint::Home;

/// Listens until it is dropped.
#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    serving: JoinHandle<()>,
    registry: Registry,
}

impl Door {
    /// On that port, or on any where it is 0.
    pub fn open(
        runtime: &Handle,
        port: u16,
        home: &Home,
        state: &Arc<Mutex<State>>,
    ) -> Result<Self> {
        let registry = Registry::start()?;
        let listener = StdListener::bind(("127.0.0.1", port))
            .with_context(|| format!("port {port} is taken"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let passing = Arc::new(Passing::new(runtime, home, &registry.host(), state));
        let inside = runtime.enter();
        let listener = TcpListener::from_std(listener)?;
        drop(inside);
        let serving = runtime.spawn(serve(listener, passing));
        Ok(Self {
            address,
            serving,
            registry,
        })
    }

    /// Where the real registry behind it listens.
    pub fn behind(&self) -> String {
        self.registry.host()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, passing: Arc<Passing>) {
    while let Ok((stream, _)) = listener.accept().await {
        let passing = Arc::clone(&passing);
        let service = service_fn(move |request| {
            let passing = Arc::clone(&passing);
            async move {
                passing::answer(&passing, request)
                    .await
                    .map_err(io::Error::other)
            }
        });
        // A client that hangs up ends its connection alone.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
