//! A region that says nothing: told while it is waited for, and remembered, so that a command waits for it once.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use opsctl_core::{Failure, Result};
use tokio::time::{sleep, timeout};

use crate::account::{Aws, Side};

/// An answer that takes longer is told about.
const NOTICED: Duration = Duration::from_secs(2);
/// Whether the region answers at all is asked this long, by a question that is quick to answer.
const PROBED: Duration = Duration::from_secs(5);

/// A read that is waited for. In a box: what asks AWS is large, and there are many of them.
pub(crate) type Waited<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Says a line to whoever waits.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// What one command knows of the first region's silence.
#[derive(Default)]
pub(crate) struct Silence {
    tell: Option<Tell>,
    lost: AtomicBool,
}

impl fmt::Debug for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Silence")
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

impl Silence {
    pub fn told_to(tell: Tell) -> Self {
        Self {
            tell: Some(tell),
            lost: AtomicBool::default(),
        }
    }
}

impl Aws {
    /// Waits for a read in a region. While the first one says nothing that is told; when it answers no other question either it
    /// counts as lost, and nobody waits for it again in this command.
    ///
    /// # Errors
    /// The answer's own; or that the region does not answer.
    pub(crate) async fn heard<T>(
        &self,
        side: Side,
        what: &str,
        mut work: Waited<'_, T>,
    ) -> Result<T> {
        if side == Side::Backup {
            return work.await;
        }
        if self.silence().lost.load(Ordering::Relaxed) {
            return Err(self.silent(what));
        }
        tokio::select! {
            answer = &mut work => return answer,
            () = sleep(NOTICED) => {}
        }
        if let Some(tell) = &self.silence().tell {
            tell(&format!("waiting for {}: {what}", self.region(side)));
        }
        tokio::select! {
            answer = &mut work => answer,
            () = Box::pin(self.says_nothing(side)) => {
                self.silence().lost.store(true, Ordering::Relaxed);
                Err(self.silent(what))
            }
        }
    }

    /// Ends when the region answers nothing at all; a slow answer or a refusal is one.
    async fn says_nothing(&self, side: Side) {
        loop {
            let asked = async {
                let config = self.config(side).await.ok()?;
                let client = aws_sdk_sts::Client::new(&once(&config));
                match client.get_caller_identity().send().await {
                    Ok(_) => Some(()),
                    Err(error) => error.raw_response().map(drop),
                }
            };
            match timeout(PROBED, asked).await {
                Ok(Some(())) => sleep(PROBED).await,
                Ok(None) | Err(_) => return,
            }
        }
    }

    fn silent(&self, what: &str) -> Failure {
        let region = self.region(Side::Home);
        Failure::failed(format!("{region} does not answer"))
            .cause(format!("{what}: no answer, and none to any other question"))
            .hint("opsctl backup list shows the copies in the backup region")
            .hint("opsctl restore --abroad restores one there")
            .runbook("runbooks/drill-failover.md")
    }
}

fn once(config: &SdkConfig) -> SdkConfig {
    let builder = config.to_builder();
    builder.retry_config(RetryConfig::disabled()).build()
}
