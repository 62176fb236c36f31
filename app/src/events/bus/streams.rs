//! The bus of several processes: a stream in Redis, which each of them reads from where it stands. What it says is only that there is
//! something to look for. So there are no groups and nothing to acknowledge: who has acted on what stands in the table, and a second
//! truth would have to agree with it. Redis gone, each process is told of what happens in it, and finds the rest within a second.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use metrics::{counter, describe_counter, describe_gauge, gauge};
use redis::streams::StreamReadReply;
use redis::{ErrorKind, RedisResult};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::{Bus, InProcess};
use crate::events::{Event, Outbox};
use crate::redis::{Connection, Patience, addresses};
use crate::secrets::Live;
use crate::telemetry::LIFECYCLE;

/// Everybody's stream.
pub const STREAM: &str = "app:events";
/// Entries that it keeps, about: whoever is that far behind looks into the table anyway.
const KEPT: usize = 1000;
/// How long one reading waits for news, in milliseconds.
const WAIT: u64 = 2000;
/// For an answer, whatever a reading waits for included.
const ANSWER: Patience = Patience(Duration::from_millis(WAIT + 2000));
/// For an answer to whoever tells.
const TOLD: Patience = Patience(Duration::from_millis(500));
/// Between two tries to connect, and between two things that are told.
const PAUSE: Duration = Duration::from_millis(300);
const GATHER: Duration = Duration::from_millis(5);

const UP: &str = "events_bus_up";
const MESSAGES: &str = "events_bus_messages_total";

/// Wakes the subscribers of this process, and those of every other.
pub struct Streams {
    here: InProcess,
    outbox: Outbox,
    secrets: Live,
    /// There is something to tell the others.
    tell: Notify,
    /// Whose words need not be heard.
    own: String,
}

#[async_trait]
impl Bus for Streams {
    async fn publish(&self, events: &[Event]) {
        self.here.publish(events).await;
        self.tell.notify_one();
    }

    async fn wait(&self, subscriber: &'static str) {
        self.here.wait(subscriber).await;
    }

    async fn looked(&self, _subscriber: &'static str) {}
}

impl Streams {
    /// Needs its tasks: [`Self::tell_others`] and, where somebody works on events, [`Self::listen`].
    pub fn new(secrets: Live, outbox: Outbox) -> Self {
        describe_gauge!(UP, "Whether this process hears of events through Redis");
        describe_counter!(MESSAGES, "Words about events, sent and heard");
        for direction in ["sent", "heard"] {
            counter!(MESSAGES, "direction" => direction).absolute(0);
        }
        Self {
            here: InProcess::default(),
            outbox,
            secrets,
            tell: Notify::new(),
            own: Uuid::new_v4().to_string(),
        }
    }

    /// Says that there is something in the outbox, without waiting for anybody.
    pub fn filled(&self) {
        self.tell.notify_one();
    }

    /// Tells the others whenever there is something to tell, until `stop` says so. What cannot be told is not kept: they look.
    pub async fn tell_others(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut way: Option<(String, Connection)> = None;
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = self.tell.notified() => {}
            }
            match self.say(&mut way).await {
                Ok(()) => counter!(MESSAGES, "direction" => "sent").increment(1),
                // Whoever listens says it once, in the log.
                Err(error) => {
                    tracing::debug!(error = %error, "the others are not told of events");
                    way = None;
                    tokio::time::sleep(PAUSE).await;
                }
            }
            // What happens in one breath is one word.
            tokio::time::sleep(GATHER).await;
        }
    }

    async fn say(&self, way: &mut Option<(String, Connection)>) -> RedisResult<()> {
        let urls = self.urls()?;
        if way.as_ref().is_none_or(|(before, _)| *before != urls) {
            let connection = Connection::open(&urls, TOLD, None).await?;
            *way = Some((urls, connection));
        }
        let Some((_, connection)) = way else {
            return Ok(());
        };
        let mut add = redis::cmd("XADD");
        add.arg(STREAM).arg("MAXLEN").arg("~").arg(KEPT);
        add.arg("*").arg("by").arg(&self.own);
        connection.ask(&add).await
    }

    /// Wakes this process whenever another has something to tell, until `stop` says so.
    pub async fn listen(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut troubled = false;
        gauge!(UP).set(0.0);
        loop {
            let error = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                Err(error) = self.hear(&mut troubled) => error,
            };
            gauge!(UP).set(0.0);
            if !troubled {
                let error = error.to_string();
                tracing::warn!(
                    error,
                    "Redis is not there; events of other processes are found a second later"
                );
                troubled = true;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Until it breaks, or leads where nobody is to go any more.
    async fn hear(&self, troubled: &mut bool) -> RedisResult<std::convert::Infallible> {
        let urls = self.urls()?;
        let mut connection = Connection::open(&urls, ANSWER, None).await?;
        let mut after = newest(&mut connection).await?;
        tracing::info!(target: LIFECYCLE, "events are told through Redis");
        gauge!(UP).set(1.0);
        *troubled = false;
        // For what was told while nobody listened.
        self.wake().await;
        while self.urls()? == urls {
            let mut read = redis::cmd("XREAD");
            read.arg("COUNT").arg(KEPT).arg("BLOCK").arg(WAIT);
            read.arg("STREAMS").arg(STREAM).arg(&after);
            let reply: Option<StreamReadReply> = connection.ask(&read).await?;
            let keys = reply.into_iter().flat_map(|reply| reply.keys);
            let heard: Vec<_> = keys.flat_map(|key| key.ids).collect();
            let Some(last) = heard.last() else { continue };
            after.clone_from(&last.id);
            let others = heard
                .iter()
                .filter(|word| word.get("by").as_ref() != Some(&self.own));
            let others = u64::try_from(others.count()).unwrap_or(u64::MAX);
            if others > 0 {
                counter!(MESSAGES, "direction" => "heard").increment(others);
                self.wake().await;
            }
        }
        Err((ErrorKind::Io, "the way to it changed").into())
    }

    async fn wake(&self) {
        self.outbox.look();
        self.here.publish(&[]).await;
    }

    fn urls(&self) -> RedisResult<String> {
        let urls = addresses(&self.secrets);
        let urls = urls.ok_or((ErrorKind::InvalidClientConfig, "REDIS_URL is not set"))?;
        Ok(urls.reveal().to_owned())
    }
}

/// The last word that was said: what comes after it is news.
async fn newest(connection: &mut Connection) -> RedisResult<String> {
    let mut last = redis::cmd("XREVRANGE");
    last.arg(STREAM).arg("+").arg("-").arg("COUNT").arg(1);
    let found: redis::streams::StreamRangeReply = connection.ask(&last).await?;
    let newest = found.ids.into_iter().next();
    Ok(newest.map_or_else(|| "0-0".to_owned(), |word| word.id))
}
