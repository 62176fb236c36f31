//! The service as a client meets it: from outside, by its address.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::failure::Result;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, `POST`.
    pub method: String,
    /// The path, from its slash.
    pub path: String,
    /// Headers to send.
    pub headers: BTreeMap<String, String>,
    /// So many bytes are sent as a body of JSON; 0: no body.
    pub body_bytes: usize,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, as far as it is text.
    pub body: String,
}

/// A version of TLS that a client may offer as its newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum TlsVersion {
    /// 1.0, of 1999.
    #[serde(rename = "1.0")]
    V1_0,
    /// 1.1, of 2006.
    #[serde(rename = "1.1")]
    V1_1,
    /// 1.2.
    #[serde(rename = "1.2")]
    V1_2,
}

impl TlsVersion {
    /// As it is spoken of.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
        }
    }
}

/// The address that clients know.
#[async_trait]
pub trait Outside: Send + Sync {
    /// Where that is.
    fn address(&self) -> &str;

    /// Asks once.
    ///
    /// # Errors
    /// When nobody answers within seconds, or not in HTTP.
    async fn ask(&self, asked: &Asked) -> Result<Answered>;

    /// Whether a client that speaks this version at most is let in.
    ///
    /// # Errors
    /// When nobody answers, or the address is not one of TLS.
    async fn speaks(&self, version: TlsVersion) -> Result<bool>;
}
