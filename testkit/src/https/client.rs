//! Whoever asks servers over TLS and believes one authority, with a certificate or with none. One connection a request; never retries.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};

use crate::certificates::Issued;

const PATIENCE: Duration = Duration::from_secs(30);
/// What a client of HTTP/2 says first; a server answers it with its settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Whoever asks servers of this machine, all of them under the name `localhost`.
#[derive(Debug, Clone)]
pub struct Client(Arc<ClientConfig>);

impl Client {
    /// Believes that authority alone, and shows a certificate where it has one.
    ///
    /// # Errors
    /// When the authority or the certificate can't be read.
    pub fn new(authority: &str, own: Option<&Issued>) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes())?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots);
        let config = match own {
            None => config.with_no_client_auth(),
            Some(own) => {
                let chain = vec![CertificateDer::from_pem_slice(own.certificate.as_bytes())?];
                let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes())?;
                config.with_client_auth_cert(chain, key)?
            }
        };
        Ok(Self(Arc::new(config)))
    }

    /// The status and the body of a GET.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn get(&self, port: u16, path: &str) -> Result<(u16, String)> {
        let mut tls = self.connect(port, &[])?;
        write!(tls, "GET {path} HTTP/1.0\r\nhost: localhost\r\n\r\n")?;
        let mut said = Vec::new();
        // Not everybody closes TLS in order.
        let ended = tls.read_to_end(&mut said);
        let said = String::from_utf8_lossy(&said);
        let (head, body) = said.split_once("\r\n\r\n").with_context(|| {
            let why = ended.err().map(|error| error.to_string());
            format!("no answer from port {port}: {}", why.unwrap_or_default())
        })?;
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        Ok((status.context("no status")?, body.to_owned()))
    }

    /// Whether a server of HTTP/2 speaks to us: one that wants another certificate says so only now.
    ///
    /// # Errors
    /// With what it says instead.
    pub fn is_spoken_to(&self, port: u16) -> Result<()> {
        let mut tls = self.connect(port, &[b"h2"])?;
        tls.write_all(PREFACE)?;
        let mut first = [0; 1];
        let read = tls.read(&mut first)?;
        ensure!(read == 1, "the server of port {port} hangs up");
        Ok(())
    }

    fn connect(
        &self,
        port: u16,
        protocols: &[&[u8]],
    ) -> Result<StreamOwned<ClientConnection, TcpStream>> {
        let tcp = TcpStream::connect(("127.0.0.1", port))?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        let mut config = ClientConfig::clone(&self.0);
        config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
        let name = ServerName::try_from("localhost")?;
        let connection = ClientConnection::new(Arc::new(config), name)?;
        Ok(StreamOwned::new(connection, tcp))
    }
}
