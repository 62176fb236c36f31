//! Sending something to an address of somebody's.

use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use opsctl_connections::{ask, connections, trusted};

/// Connections, kept while they are used.
#[derive(Debug, Clone)]
pub struct Connections(opsctl_connections::Connections);

/// What is sent.
pub struct Post<'a> {
    /// Whereto; never repeated in an error.
    pub address: &'a str,
    /// What it is.
    pub content_type: &'static str,
    /// It.
    pub body: Vec<u8>,
    /// How long it may take.
    pub within: Duration,
    /// The longest answer that is read.
    pub longest: usize,
}

impl Connections {
    /// Connections that nobody uses yet.
    ///
    /// # Errors
    /// In words, when there is no TLS on this machine.
    pub fn new() -> Result<Self, String> {
        let made = connections(trusted(), None);
        made.map(Self).map_err(|error| error.to_string())
    }

    /// Sends, and reads the answer to its end.
    ///
    /// # Errors
    /// In words, when nothing or too much came back.
    pub async fn post(&self, post: Post<'_>) -> Result<(StatusCode, Bytes), String> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(post.address)
            .header(CONTENT_TYPE, post.content_type)
            .header(USER_AGENT, concat!("opsctl/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::from(post.body)))
            // Its own words would repeat the address.
            .map_err(|_| "the address is none".to_owned())?;
        let answer = ask(&self.0, request, post.longest, post.within).await?;
        Ok((answer.status(), answer.into_body()))
    }
}
