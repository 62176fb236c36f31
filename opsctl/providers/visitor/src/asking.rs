//! One request and its answer.

use std::path::Path;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::body::Bytes;
use opsctl_connections::{Connections, connections, trusted};
use opsctl_core::ports::{Answered, Asked};
use opsctl_core::{Failure, Result};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;

use crate::address::Address;

/// Who answers later than this does not answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read: what is looked at is short.
const LONGEST: usize = 1 << 20;

/// A client that trusts whom the machine trusts.
#[derive(Debug)]
pub struct Client(Connections);

impl Client {
    /// One that trusts the authorities of that file too.
    ///
    /// # Errors
    /// When the file holds none.
    pub fn trusting(authority: Option<&Path>) -> Result<Self> {
        let mut trusted = trusted();
        if let Some(file) = authority {
            let pem = std::fs::read(file).map_err(|error| none(&file.display()).because(error))?;
            add(&mut trusted, &pem, &file.display())?;
        }
        Self::of(trusted)
    }

    /// One that trusts the authorities of that text (PEM) too.
    ///
    /// # Errors
    /// When it holds none.
    pub fn vouched_for(pem: &str) -> Result<Self> {
        let mut trusted = trusted();
        add(&mut trusted, pem.as_bytes(), &"the authority of the pods")?;
        Self::of(trusted)
    }

    fn of(trusted: RootCertStore) -> Result<Self> {
        let made = connections(trusted, None);
        made.map(Self)
            .map_err(|error| Failure::failed("TLS can't be set up").because(error))
    }

    /// Asks once.
    ///
    /// # Errors
    /// When nobody answers in time.
    pub async fn ask(&self, address: &Address, asked: &Asked) -> Result<Answered> {
        self.send(address, asked, body_of(asked)).await
    }

    /// The same with that JSON as its body.
    ///
    /// # Errors
    /// When nobody answers in time.
    pub async fn say(&self, address: &Address, asked: &Asked, body: &Value) -> Result<Answered> {
        self.send(address, asked, Bytes::from(body.to_string()))
            .await
    }

    async fn send(&self, address: &Address, asked: &Asked, body: Bytes) -> Result<Answered> {
        let what = format!(
            "{} {}{} has no answer",
            asked.method, address.text, asked.path
        );
        let request = request(address, asked, body)?;
        let asking = async {
            let answer = self.0.request(request).await;
            let answer = answer.map_err(|error| Failure::failed(&what).because(error))?;
            let (head, body) = answer.into_parts();
            // A refusal of a large body may end the connection under the answer: the head is what counts.
            let body = Limited::new(body, LONGEST).collect().await;
            let body = body.map(|body| body.to_bytes()).unwrap_or_default();
            let header =
                |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.as_str().to_owned(), value)
                };
            Ok(Answered {
                status: head.status.as_u16(),
                headers: head.headers.iter().map(header).collect(),
                body: String::from_utf8_lossy(&body).into_owned(),
            })
        };
        let in_time = tokio::time::timeout(PATIENCE, asking).await;
        in_time.unwrap_or_else(|_| {
            Err(Failure::failed(&what).cause(format!("within {} s", PATIENCE.as_secs())))
        })
    }
}

fn none(whose: &dyn std::fmt::Display) -> Failure {
    Failure::usage(format!("{whose} holds no certificate"))
}

fn add(trusted: &mut RootCertStore, pem: &[u8], whose: &dyn std::fmt::Display) -> Result<()> {
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| none(whose).because(error))?;
    if found.is_empty() {
        return Err(none(whose));
    }
    trusted.add_parsable_certificates(found);
    Ok(())
}

/// What is only looked at for its length.
fn body_of(asked: &Asked) -> Bytes {
    Bytes::from(vec![b' '; asked.body_bytes])
}

fn request(address: &Address, asked: &Asked, body: Bytes) -> Result<Request<Full<Bytes>>> {
    let mut request = Request::builder()
        .method(asked.method.as_str())
        .uri(format!("{}{}", address.text, asked.path));
    for (name, value) in &asked.headers {
        request = request.header(name, value);
    }
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    request.body(Full::new(body)).map_err(|error| {
        let what = format!("{} {} is no request", asked.method, asked.path);
        Failure::usage(what).because(error)
    })
}
