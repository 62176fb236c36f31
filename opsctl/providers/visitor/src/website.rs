//! The port `Outside`, for one address.

use std::path::Path;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::ports::{Answered, Asked, Outside, TlsVersion};

use crate::address::Address;
use crate::asking::Client;
use crate::handshake;

/// A service at an address.
#[derive(Debug)]
pub struct Website {
    address: Address,
    client: Client,
}

impl Website {
    /// The service there; nothing is asked yet. `authority` vouches for it beside those whom the machine trusts.
    ///
    /// # Errors
    /// When that is no address, or the authority can't be read.
    pub fn at(url: &str, authority: Option<&Path>) -> Result<Self> {
        Ok(Self {
            address: Address::read(url)?,
            client: Client::trusting(authority)?,
        })
    }
}

#[async_trait]
impl Outside for Website {
    fn address(&self) -> &str {
        &self.address.text
    }

    async fn ask(&self, asked: &Asked) -> Result<Answered> {
        self.client.ask(&self.address, asked).await
    }

    async fn speaks(&self, version: TlsVersion) -> Result<bool> {
        handshake::offer(&self.address, version).await
    }
}
