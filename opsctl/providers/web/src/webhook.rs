//! Telling a webhook: once, and once more where that may help.

use std::time::Duration;

use opsctl_core::secret::Secret;
use serde_json::Value;

use crate::connections::{Connections, Post};

/// One try. Nobody waits longer for a channel than for the operation's own last words.
const WITHIN: Duration = Duration::from_secs(3);
/// Before the second try.
const PAUSE: Duration = Duration::from_millis(500);
/// What a channel answers is not read; so much of it is taken off the line.
const LONGEST: usize = 64 << 10;

/// The way to webhooks.
#[derive(Debug, Clone)]
pub struct Hooks(Connections);

impl Hooks {
    /// A way that nobody went yet.
    ///
    /// # Errors
    /// In words, when there is no TLS on this machine.
    pub fn new() -> Result<Self, String> {
        Connections::new().map(Self)
    }

    /// Tells it. A second time where the first was not heard, or was not the receiver's own no.
    ///
    /// # Errors
    /// In words that don't hold the address, when it was not told.
    pub async fn tell(&self, address: &Secret<String>, body: &Value) -> Result<(), String> {
        match self.once(address, body).await {
            Ok(()) => Ok(()),
            Err(Unheard { again: false, why }) => Err(why),
            Err(Unheard { again: true, .. }) => {
                tokio::time::sleep(PAUSE).await;
                let second = self.once(address, body).await;
                second.map_err(|unheard| format!("{}, twice", unheard.why))
            }
        }
    }

    async fn once(&self, address: &Secret<String>, body: &Value) -> Result<(), Unheard> {
        let post = Post {
            address: address.expose(),
            content_type: "application/json",
            body: body.to_string().into_bytes(),
            within: WITHIN,
            longest: LONGEST,
        };
        match self.0.post(post).await {
            Ok((status, _)) if status.is_success() => Ok(()),
            Ok((status, _)) => Err(Unheard {
                again: status.is_server_error() || status.as_u16() == 429,
                why: format!("it answered {}", status.as_u16()),
            }),
            Err(why) => Err(Unheard { again: true, why }),
        }
    }
}

struct Unheard {
    again: bool,
    why: String,
}
