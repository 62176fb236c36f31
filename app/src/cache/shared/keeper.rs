//! Keeps the way to Redis: connects, listens, and looks again and again whether it is still the same server. Between a broken
//! connection and the next, what is at hand is not believed and changes are remembered; they are told before anything is
//! believed again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::{ErrorKind, PushInfo, PushKind, RedisError, RedisResult, Value};
use tokio::sync::watch;

use super::engine::{Inside, Redis};
use super::link::{CHANNEL, Link};
use crate::cache::Subject;
use crate::config::Secret;
use crate::redis::{Connection, News, Patience, addresses};
use crate::secrets::Live;
use crate::telemetry::LIFECYCLE;

/// Between two looks: as long as a server that hangs or was replaced may go unnoticed.
const LOOK: Duration = Duration::from_millis(500);
/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(300);
/// For an answer. A request that waited longer would have been quicker without.
const ANSWER: Patience = Patience(Duration::from_millis(250));
/// For all of connecting.
const TRY: Duration = Duration::from_secs(5);

/// Until `stop` says so.
pub async fn keep(engine: Redis, secrets: Live, mut stop: watch::Receiver<bool>) {
    let inside = engine.inside;
    let told = stop.wait_for(|stop| *stop);
    tokio::select! {
        () = forever(&inside, &secrets) => {}
        _told = told => {}
    }
}

async fn forever(inside: &Arc<Inside>, secrets: &Live) {
    let mut said = false;
    loop {
        let urls = addresses(secrets);
        match connect(inside, urls.as_ref()).await {
            Ok(link) => {
                tracing::info!(target: LIFECYCLE, "copies are shared through Redis");
                metrics::gauge!("cache_shared_up").set(1);
                watch_over(inside, &link, || addresses(secrets) == urls).await;
                said = true;
            }
            Err(error) if !said => {
                let error = error.to_string();
                tracing::warn!(error, "Redis is not there; every reading asks the database");
                said = true;
            }
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A link that is believed: it listens already, everything from before is worthless, and everybody knows what is owed.
async fn connect(inside: &Arc<Inside>, urls: Option<&Secret>) -> RedisResult<Arc<Link>> {
    let urls = urls.ok_or((ErrorKind::InvalidClientConfig, "REDIS_URL is not set"))?;
    let dead = Arc::new(AtomicBool::new(false));
    let news = News::of(CHANNEL, ear(inside, &dead));
    let opening = Connection::open(urls.reveal(), ANSWER, Some(news));
    let opened = tokio::time::timeout(TRY, opening).await;
    let mut connection =
        opened.unwrap_or_else(|_| Err((ErrorKind::Io, "it does not answer").into()))?;
    let incarnation = connection.incarnation().await?;
    let link = Arc::new(Link::new(connection, incarnation, dead));
    inside.settle(&link).await?;
    inside.epochs.everything_changed();
    inside.link.store(Some(Arc::clone(&link)));
    // What came to be owed between the two.
    let settled = inside.settle(&link).await;
    if settled.is_err() {
        link.kill();
        inside.link.store(None);
    }
    settled.map(|()| link)
}

/// Until it breaks, or leads where `leads_there` says that nobody is to go any more.
async fn watch_over(inside: &Inside, link: &Link, leads_there: impl Fn() -> bool) {
    while link.is_alive() {
        tokio::select! {
            () = inside.broken.notified() => {}
            () = tokio::time::sleep(LOOK) => {
                let looked = match leads_there() {
                    true => look(inside, link).await,
                    false => Err((ErrorKind::Io, "the way to it changed").into()),
                };
                if let Err(error) = looked {
                    inside.give_up(link, &error);
                }
            }
        }
    }
    inside.link.store(None);
}

async fn look(inside: &Inside, link: &Link) -> RedisResult<()> {
    if !link.is_the_same().await? {
        return Err(RedisError::from((ErrorKind::Io, "another server answers")));
    }
    inside.settle(link).await
}

/// Hears of changes, and of the end of the connection.
fn ear(
    inside: &Arc<Inside>,
    dead: &Arc<AtomicBool>,
) -> impl Fn(PushInfo) + Clone + Send + Sync + 'static {
    let (inside, dead) = (Arc::clone(inside), Arc::clone(dead));
    move |push| match push.kind {
        PushKind::Message => match push.data.get(1).and_then(subject) {
            Some(subject) => inside.epochs.changed(subject),
            // A newer version speaks of what this one does not know.
            None => inside.epochs.everything_changed(),
        },
        PushKind::Disconnection if !dead.swap(true, Ordering::SeqCst) => {
            tracing::warn!("the connection to Redis ended; every reading asks the database");
            metrics::gauge!("cache_shared_up").set(0);
            inside.broken.notify_one();
        }
        _ => {}
    }
}

fn subject(payload: &Value) -> Option<Subject> {
    match payload {
        Value::BulkString(bytes) => Subject::named(std::str::from_utf8(bytes).ok()?),
        Value::SimpleString(text) => Subject::named(text),
        _ => None,
    }
}
