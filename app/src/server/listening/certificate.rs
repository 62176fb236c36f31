//! The certificate that the service proves its name with. It can be exchanged while connections are open: they keep the one they
//! began with, new ones get the new one.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::expiry;
use crate::config::TlsFiles;

/// HTTP/2 where the client knows it.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Why a certificate cannot be used. Never repeats the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} cannot be used: {problem}")]
pub struct CertificateError {
    path: String,
    problem: String,
}

/// The certificate of this moment, and the files it came from.
#[derive(Debug)]
pub struct Certificate {
    files: TlsFiles,
    now: ArcSwap<CertifiedKey>,
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// When one cannot be read, others may read the key, or the two do not belong together.
    pub fn read(files: TlsFiles) -> Result<Arc<Self>, CertificateError> {
        let now = certified_key(&files)?;
        expiry::show(&now.cert);
        let now = ArcSwap::from_pointee(now);
        Ok(Arc::new(Self { files, now }))
    }

    /// Reads the files again. True when they hold another certificate, which is used from now on.
    ///
    /// # Errors
    /// As [`Certificate::read`]; then the one before stays in use.
    pub fn read_again(&self) -> Result<bool, CertificateError> {
        let next = certified_key(&self.files)?;
        let changed = next.cert != self.now.load().cert;
        if changed {
            expiry::show(&next.cert);
            self.now.store(Arc::new(next));
        }
        Ok(changed)
    }

    /// How connections are made secret: TLS 1.2 or 1.3.
    pub fn server_config(self: &Arc<Self>) -> Result<ServerConfig, CertificateError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|error| refuse(&self.files.certificate, error))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(config)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now.load_full())
    }
}

fn certified_key(files: &TlsFiles) -> Result<CertifiedKey, CertificateError> {
    let TlsFiles { certificate, key } = files;
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refuse(certificate, error))?;
    if chain.is_empty() {
        return Err(refuse(certificate, "it holds no certificate"));
    }
    let mode = std::fs::metadata(key).map_err(|error| refuse(key, error))?;
    let mode = mode.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        return Err(refuse(
            key,
            format!("its mode {mode:04o} lets everybody in"),
        ));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| refuse(key, error))?;
    // Also says when the key is another certificate's.
    CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider())
        .map_err(|error| refuse(key, error))
}

fn refuse(path: &Path, problem: impl ToString) -> CertificateError {
    CertificateError {
        path: path.display().to_string(),
        problem: problem.to_string(),
    }
}
