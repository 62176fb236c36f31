//! A door before the API server that can be shut, left unanswered, or made to lose an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result};
use opsctl_kubernetes::Target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::stage::Ground;

/// A port that leads to the API server.
pub struct Door {
    port: u16,
    way: Arc<Way>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Way {
    to: u16,
    deaf: AtomicBool,
    losing: AtomicBool,
    connections: AtomicUsize,
}

impl Door {
    /// An open one.
    pub async fn before(ground: &Ground) -> Result<Self> {
        let url = ground.lab.url();
        let to = url.rsplit(':').next().context("no port")?.parse()?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let way = Arc::new(Way {
            to,
            ..Way::default()
        });
        let serving = tokio::spawn(serve(listener, Arc::clone(&way)));
        Ok(Self { port, way, serving })
    }

    /// The administrator's way through it.
    pub fn target(&self, ground: &Ground) -> Result<Target> {
        let through = format!("https://127.0.0.1:{}", self.port);
        let kubeconfig = ground.administrator()?.replace(&ground.lab.url(), &through);
        ground.target(&format!("door-{}", self.port), &kubeconfig)
    }

    /// Cuts every connection and refuses new ones.
    pub async fn shut(&mut self) {
        self.serving.abort();
        let _aborted = (&mut self.serving).await;
    }

    /// Opens it again at the same port.
    pub async fn open(&mut self) -> Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await?;
        self.serving = tokio::spawn(serve(listener, Arc::clone(&self.way)));
        Ok(())
    }

    /// From now on nothing that comes in is passed on.
    pub fn be_deaf(&self) {
        self.way.deaf.store(true, Ordering::SeqCst);
    }

    /// The next thing that the server says is lost, and the connection with it.
    pub fn lose_an_answer(&self) {
        self.way.losing.store(true, Ordering::SeqCst);
    }

    /// Whether the answer has been lost.
    pub fn has_lost(&self) -> bool {
        !self.way.losing.load(Ordering::SeqCst)
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.way.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The connections end with the task.
async fn serve(listener: TcpListener, way: Arc<Way>) {
    let mut connections = JoinSet::new();
    while let Ok((caller, _)) = listener.accept().await {
        let way = Arc::clone(&way);
        connections.spawn(async move {
            let _counted = Counted::new(&way);
            let _over = join(caller, &way).await;
        });
    }
}

struct Counted<'a>(&'a Way);

impl<'a> Counted<'a> {
    fn new(way: &'a Way) -> Self {
        way.connections.fetch_add(1, Ordering::SeqCst);
        Self(way)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn join(caller: TcpStream, way: &Way) -> Result<()> {
    let callee = TcpStream::connect(("127.0.0.1", way.to)).await?;
    let (from, back) = caller.into_split();
    let (answers, to) = callee.into_split();
    // Whichever side ends first ends the other.
    tokio::select! {
        asked = carry_in(from, to, way) => asked,
        answered = carry_out(answers, back, way) => answered,
    }
}

async fn carry_in(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: &Way) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        if !way.deaf.load(Ordering::SeqCst) {
            to.write_all(&buffer[..length]).await?;
        }
    }
}

async fn carry_out(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: &Way) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 || way.losing.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        to.write_all(&buffer[..length]).await?;
    }
}
