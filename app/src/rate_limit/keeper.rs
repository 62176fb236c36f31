//! Keeps the way to the shared counters: connects, connects anew when it broke, and follows where the place for secrets says that
//! Redis is.

use std::time::Duration;

use redis::{ErrorKind, RedisResult};
use tokio::sync::watch;

use super::shared::{PATIENCE, Shared};
use crate::config::Secret;
use crate::redis::{Connection, addresses};
use crate::secrets::Live;

/// Between two looks at where Redis is.
const LOOK: Duration = Duration::from_secs(1);
/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(300);
/// For all of connecting.
const TRY: Duration = Duration::from_secs(5);

/// Until `stop` says so.
pub async fn keep(shared: Shared, secrets: Live, mut stop: watch::Receiver<bool>) {
    let told = stop.wait_for(|stop| *stop);
    tokio::select! {
        () = forever(&shared, &secrets) => {}
        _told = told => {}
    }
}

async fn forever(shared: &Shared, secrets: &Live) {
    let mut troubled = false;
    loop {
        let urls = addresses(secrets);
        match connect(urls.as_ref()).await {
            Ok(connection) => {
                shared.take(connection);
                if troubled {
                    tracing::warn!("limits are counted for all processes together again");
                }
                troubled = true;
                watch_over(shared, || addresses(secrets) == urls).await;
            }
            Err(error) if !troubled => {
                let error = error.to_string();
                tracing::warn!(
                    error,
                    "Redis is not there: each process counts its limits for itself"
                );
                troubled = true;
            }
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Until it breaks or leads elsewhere; until there is another one it goes on being asked.
async fn watch_over(shared: &Shared, leads_there: impl Fn() -> bool) {
    loop {
        tokio::select! {
            () = shared.broken() => return,
            () = tokio::time::sleep(LOOK) => if !leads_there() { return },
        }
    }
}

async fn connect(urls: Option<&Secret>) -> RedisResult<Connection> {
    let urls = urls.ok_or((ErrorKind::InvalidClientConfig, "REDIS_URL is not set"))?;
    let opening = Connection::open(urls.reveal(), PATIENCE, None);
    let opened = tokio::time::timeout(TRY, opening).await;
    opened.unwrap_or_else(|_| Err((ErrorKind::Io, "it does not answer").into()))
}
