//! Where connections come in. Over TLS each shakes hands beside the others, so that one that is slow, or says nothing at all,
//! keeps nobody waiting.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::{Certificate, CertificateError, Stream};

/// For the whole handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at once. More wait in the system's queue.
const HANDSHAKES: usize = 512;

/// A bound listener.
pub struct Listening {
    tcp: TcpListener,
    acceptor: Option<TlsAcceptor>,
    handshakes: JoinSet<Option<(Stream, SocketAddr)>>,
}

impl Listening {
    /// Over TLS when there is a certificate.
    pub fn new(
        tcp: TcpListener,
        certificate: Option<&Arc<Certificate>>,
    ) -> Result<Self, CertificateError> {
        let config = certificate.map(Certificate::server_config).transpose()?;
        Ok(Self {
            tcp,
            acceptor: config.map(|config| TlsAcceptor::from(Arc::new(config))),
            handshakes: JoinSet::new(),
        })
    }

    fn shake_hands(&mut self, acceptor: TlsAcceptor, tcp: TcpStream, peer: SocketAddr) {
        self.handshakes.spawn(async move {
            let shaken = tokio::time::timeout(HANDSHAKE, acceptor.accept(tcp)).await;
            match shaken {
                Ok(Ok(stream)) => Some((Stream::Tls(Box::new(stream)), peer)),
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a handshake failed");
                    None
                }
                Err(_) => None,
            }
        });
    }
}

impl Listener for Listening {
    type Io = Stream;
    type Addr = SocketAddr;

    /// May be given up at any point: what it waits for is kept.
    async fn accept(&mut self) -> (Stream, SocketAddr) {
        loop {
            let room = self.handshakes.len() < HANDSHAKES;
            tokio::select! {
                (tcp, peer) = Listener::accept(&mut self.tcp), if room => {
                    // Answers are written whole: waiting for more to send would only delay them.
                    let _as_it_was = tcp.set_nodelay(true);
                    match self.acceptor.clone() {
                        None => return (Stream::Plain(tcp), peer),
                        Some(acceptor) => self.shake_hands(acceptor, tcp, peer),
                    }
                }
                Some(ended) = self.handshakes.join_next() => {
                    if let Ok(Some(connection)) = ended {
                        return connection;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
