//! The endpoint of an instance or a cache: an address that stays while the server behind it changes, as a DNS name does.
//!
//! Whoever is connected is cut off when the server changes or is out of reach.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener as StdListener},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::watch,
    task::JoinHandle,
};

use crate::endpoint::Faults;

/// How often a silent connection asks whether its region fell into a black hole.
const LOOK: Duration = Duration::from_millis(50);

/// Where addresses are given out: who serves them, and what clients call this machine.
#[derive(Debug, Clone)]
pub(crate) struct Shore {
    pub runtime: Handle,
    pub machine: IpAddr,
}

/// Listens until it is dropped.
#[derive(Debug)]
pub(crate) struct Relay {
    address: SocketAddr,
    target: watch::Sender<Option<u16>>,
    serving: JoinHandle<()>,
}

impl Relay {
    pub fn open(shore: &Shore, faults: Arc<Faults>, region: &str) -> io::Result<Self> {
        let listener = StdListener::bind((shore.machine, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (target, watched) = watch::channel(None);
        let region = region.to_owned();
        let inside = shore.runtime.enter();
        let listener = TcpListener::from_std(listener)?;
        drop(inside);
        let serving = shore.runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (faults, region) = (Arc::clone(&faults), region.clone());
                tokio::spawn(pass(client, watched.clone(), faults, region));
            }
        });
        Ok(Self {
            address,
            target,
            serving,
        })
    }

    pub fn host(&self) -> IpAddr {
        self.address.ip()
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on that server answers, or none. Where it is the same as before nobody is cut off.
    pub fn lead_to(&self, port: Option<u16>) {
        self.target.send_if_modified(|now| {
            let another = *now != port;
            *now = port;
            another
        });
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.target.send_replace(None);
        self.serving.abort();
    }
}

/// Passes bytes until one side ends, or the target is no longer that.
async fn pass(
    mut client: TcpStream,
    mut target: watch::Receiver<Option<u16>>,
    faults: Arc<Faults>,
    region: String,
) {
    silence(&faults, &region, Until::ItEnds).await;
    let Some(port) = *target.borrow_and_update() else {
        return;
    };
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = target.changed() => {}
        () = silence(&faults, &region, Until::ItBegins) => {
            // Open and silent: who waits here waits for their own time limit.
            silence(&faults, &region, Until::ItEnds).await;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    ItBegins,
    ItEnds,
}

async fn silence(faults: &Faults, region: &str, until: Until) {
    while faults.swallow(region) == (until == Until::ItEnds) {
        tokio::time::sleep(LOOK).await;
    }
}
