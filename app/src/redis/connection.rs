//! A connection to one Redis or to a cluster of them, which may also bring news.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo,
    ProtocolVersion, PushInfo, RedisError, RedisResult, ScriptInvocation, Value,
};
use sha2::{Digest, Sha256};
use tracing::{Instrument, Span};

use crate::telemetry::traces::SPANS;

/// For a connection to stand.
const CONNECT: Duration = Duration::from_secs(1);

/// How long an answer is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience(pub Duration);

/// Called with what is heard.
type Ear = Arc<dyn Fn(PushInfo) + Send + Sync>;

/// A channel that is listened to on the connection itself: what was said before an answer is heard before it.
#[derive(Clone)]
pub struct News {
    channel: &'static str,
    hear: Ear,
}

impl News {
    pub fn of(channel: &'static str, hear: impl Fn(PushInfo) + Send + Sync + 'static) -> Self {
        let hear: Ear = Arc::new(hear);
        Self { channel, hear }
    }
}

/// Cheap to clone; all clones are one connection.
#[derive(Clone)]
pub enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Connection {
    /// Connects to the addresses in `urls`, comma between them: to their cluster, or to the one that is the primary.
    ///
    /// # Errors
    /// With what the last address said, when none of them will do.
    pub async fn open(urls: &str, patience: Patience, news: Option<News>) -> RedisResult<Self> {
        let urls: Vec<&str> = urls.split(',').map(str::trim).collect();
        let mut failed = RedisError::from((ErrorKind::InvalidClientConfig, "no address"));
        for url in &urls {
            let opened = match is_cluster(url).await {
                Ok(true) => cluster(&urls, patience, news.clone()).await,
                Ok(false) => one(url, patience, news.clone()).await,
                Err(error) => Err(error),
            };
            match opened {
                Ok(connection) => return Ok(connection),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    pub async fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        let span = span();
        async {
            match self {
                Self::One(one) => command.query_async(one).await,
                Self::Cluster(cluster) => command.query_async(cluster).await,
            }
        }
        .instrument(span)
        .await
    }

    /// Runs a script, all of whose keys must lie together.
    pub async fn run<T: FromRedisValue>(
        &mut self,
        script: &ScriptInvocation<'_>,
    ) -> RedisResult<T> {
        let span = span();
        async {
            match self {
                Self::One(one) => script.invoke_async(one).await,
                Self::Cluster(cluster) => script.invoke_async(cluster).await,
            }
        }
        .instrument(span)
        .await
    }

    /// Whether keys without a hash tag in common may lie apart.
    pub const fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Which servers these are, this time: another text after each of them was restarted, or another took its place. Copies are
    /// known by it, since a server that takes over may have missed the last changes.
    pub async fn incarnation(&mut self) -> RedisResult<String> {
        match self {
            Self::One(one) => incarnation_of_one(one).await,
            Self::Cluster(_) => {
                let slots: Value = self.ask(redis::cmd("CLUSTER").arg("SLOTS")).await?;
                Ok(masters(&slots))
            }
        }
    }
}

/// Keys and values are nobody's business.
fn span() -> Span {
    tracing::info_span!(target: SPANS, "redis", otel.kind = "client", db.system.name = "redis")
}

async fn is_cluster(url: &str) -> RedisResult<bool> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(CONNECT));
    let client = Client::open(url)?;
    let mut one = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    let said: String = redis::cmd("INFO")
        .arg("cluster")
        .query_async(&mut one)
        .await?;
    Ok(said.contains("cluster_enabled:1"))
}

async fn one(url: &str, patience: Patience, news: Option<News>) -> RedisResult<Connection> {
    let mut config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(patience.0));
    if let Some(news) = news.clone() {
        config = config.set_push_sender(move |push| {
            (news.hear)(push);
            Ok::<(), ()>(())
        });
    }
    let info = url.into_connection_info()?;
    let settings = info.redis_settings().clone();
    let info = info.set_redis_settings(settings.set_protocol(ProtocolVersion::RESP3));
    let client = Client::open(info)?;
    let mut one = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    be_primary(&mut one).await?;
    if let Some(news) = news {
        one.subscribe(news.channel).await?;
    }
    Ok(Connection::One(one))
}

async fn cluster(urls: &[&str], patience: Patience, news: Option<News>) -> RedisResult<Connection> {
    let mut client = ClusterClient::builder(urls.iter().copied())
        .use_protocol(ProtocolVersion::RESP3)
        .connection_timeout(CONNECT)
        .response_timeout(patience.0)
        .retries(1);
    if let Some(news) = news.clone() {
        client = client.push_sender(move |push| {
            (news.hear)(push);
            Ok::<(), ()>(())
        });
    }
    let mut cluster = client.build()?.get_async_connection().await?;
    if let Some(news) = news {
        cluster.subscribe(news.channel).await?;
    }
    Ok(Connection::Cluster(cluster))
}

/// One that was a primary and is none any more takes no writes, and hears of changes late.
async fn be_primary(one: &mut MultiplexedConnection) -> RedisResult<()> {
    let role: Vec<Value> = redis::cmd("ROLE").query_async(one).await?;
    let role: Option<String> = role
        .into_iter()
        .next()
        .map(String::from_redis_value)
        .transpose()?;
    match role.as_deref() {
        Some("master") => Ok(()),
        _ => Err((ErrorKind::UnexpectedReturnType, "not the primary").into()),
    }
}

async fn incarnation_of_one(one: &mut MultiplexedConnection) -> RedisResult<String> {
    be_primary(one).await?;
    let said: String = redis::cmd("INFO").arg("server").query_async(one).await?;
    let id = said.lines().find_map(|line| line.strip_prefix("run_id:"));
    let id = id.map(|id| id.trim().to_owned());
    id.ok_or_else(|| (ErrorKind::UnexpectedReturnType, "it has no id").into())
}

/// The ids of the masters, which are new after a restart or a failover, and who has which slots.
fn masters(slots: &Value) -> String {
    let digest = Sha256::digest(format!("{slots:?}"));
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
