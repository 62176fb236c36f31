//! Owns the way from this service to others that speak HTTP: kept connections, encrypted where the address says so, to those
//! alone for whom somebody trusted vouches. What is asked and what an answer means is the business of whoever asks.

use std::path::{Path, PathBuf};

use axum::body::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// Asks others.
pub type Client = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Why nobody can be asked.
#[derive(Debug, thiserror::Error)]
pub enum OutwardError {
    #[error("the authority cannot be read from {}: {why}", path.display())]
    Authority { path: PathBuf, why: String },
    #[error("no way can be encrypted: {0}")]
    Tls(#[from] rustls::Error),
}

/// A client that trusts whom the machine trusts, and `authority` (a PEM file) beside them.
///
/// # Errors
/// When the authority cannot be read.
pub fn client(authority: Option<&Path>) -> Result<Client, OutwardError> {
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls(authority)?)
        .https_or_http()
        .enable_http1()
        .build();
    Ok(
        hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector),
    )
}

fn tls(authority: Option<&Path>) -> Result<ClientConfig, OutwardError> {
    let mut known = RootCertStore::empty();
    // A certificate of the machine that cannot be read vouches for nobody.
    known.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = authority {
        let unreadable = |why: String| OutwardError::Authority {
            path: path.to_owned(),
            why,
        };
        let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
            known.add(certificate)?;
        }
    }
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(known);
    Ok(config.with_no_client_auth())
}

/// An error with all that lies below it.
pub fn why(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
