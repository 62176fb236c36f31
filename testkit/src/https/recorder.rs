//! A server that says yes to everything and hands on what it was asked. Never understands any of it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use anyhow::{Context, Result};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::certificates::Issued;

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// With its query.
    pub path: String,
    /// What it says of whoever asks; empty where nothing.
    pub authorization: String,
    pub body: String,
}

/// Listens until it is dropped, on a thread of its own; one connection after the other.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl Recorder {
    /// With that certificate.
    ///
    /// # Errors
    /// When the certificate can't be used.
    pub fn start(
        listener: TcpListener,
        certificate: &Issued,
        hand_on: impl Fn(Asked) + Send + 'static,
    ) -> Result<Self> {
        let address = listener.local_addr()?;
        let config = Arc::new(config(certificate)?);
        let over = Arc::<AtomicBool>::default();
        let is_over = Arc::clone(&over);
        let serving = thread::spawn(move || {
            for tcp in listener.incoming() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                // A client that goes away in the middle is its own affair.
                if let Ok(Ok(asked)) = tcp.map(|tcp| answer(tcp, &config)) {
                    hand_on(asked);
                }
            }
        });
        Ok(Self {
            address,
            over,
            serving: Some(serving),
        })
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // It waits for the next one.
        drop(TcpStream::connect(self.address));
        let _ended = self.serving.take().map(JoinHandle::join);
    }
}

fn config(certificate: &Issued) -> Result<ServerConfig> {
    let chain = vec![CertificateDer::from_pem_slice(
        certificate.certificate.as_bytes(),
    )?];
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes())?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth();
    Ok(config.with_single_cert(chain, key)?)
}

fn answer(tcp: TcpStream, config: &Arc<ServerConfig>) -> Result<Asked> {
    let connection = ServerConnection::new(Arc::clone(config))?;
    let mut tls = BufReader::new(StreamOwned::new(connection, tcp));
    let mut line = String::new();
    tls.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = words.next().zip(words.next()).context("no request")?;
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        tls.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or("0", String::as_str);
    let mut body = vec![0; length.parse()?];
    tls.read_exact(&mut body)?;
    let tls = tls.get_mut();
    write!(
        tls,
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
    )?;
    tls.conn.send_close_notify();
    tls.flush()?;
    Ok(Asked {
        method,
        path,
        authorization: headers.remove("authorization").unwrap_or_default(),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
