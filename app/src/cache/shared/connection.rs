//! A connection to one Redis or to a cluster of them, which also brings news. It is not mended: whoever finds it broken lets go
//! of it, and of everything that was believed because of it.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo,
    ProtocolVersion, PushInfo, RedisError, RedisResult, Value,
};
use sha2::{Digest, Sha256};

/// For a connection to stand.
const CONNECT: Duration = Duration::from_secs(1);
/// For an answer. A request that waited longer would have been quicker without.
pub(super) const ANSWER: Duration = Duration::from_millis(250);

/// Cheap to clone; all clones are one connection.
#[derive(Clone)]
pub(super) enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Connection {
    /// Connects to the addresses in `urls`, comma between them, and listens to `channel`; what is heard goes to `hear`.
    pub async fn open<Hear>(urls: &str, channel: &str, hear: Hear) -> RedisResult<Self>
    where
        Hear: Fn(PushInfo) + Clone + Send + Sync + 'static,
    {
        let urls: Vec<&str> = urls.split(',').map(str::trim).collect();
        let mut failed = RedisError::from((ErrorKind::InvalidClientConfig, "no address"));
        for url in &urls {
            let opened = match is_cluster(url).await {
                Ok(true) => cluster(&urls, channel, hear.clone()).await,
                Ok(false) => one(url, channel, hear.clone()).await,
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
        match self {
            Self::One(one) => command.query_async(one).await,
            Self::Cluster(cluster) => command.query_async(cluster).await,
        }
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

async fn one(
    url: &str,
    channel: &str,
    hear: impl Fn(PushInfo) + Send + Sync + 'static,
) -> RedisResult<Connection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(ANSWER))
        .set_push_sender(move |push| {
            hear(push);
            Ok::<(), ()>(())
        });
    let info = url.into_connection_info()?;
    let settings = info.redis_settings().clone();
    let info = info.set_redis_settings(settings.set_protocol(ProtocolVersion::RESP3));
    let client = Client::open(info)?;
    let mut one = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    one.subscribe(channel).await?;
    Ok(Connection::One(one))
}

async fn cluster(
    urls: &[&str],
    channel: &str,
    hear: impl Fn(PushInfo) + Send + Sync + 'static,
) -> RedisResult<Connection> {
    let client = ClusterClient::builder(urls.iter().copied())
        .use_protocol(ProtocolVersion::RESP3)
        .push_sender(move |push| {
            hear(push);
            Ok::<(), ()>(())
        })
        .connection_timeout(CONNECT)
        .response_timeout(ANSWER)
        .retries(1)
        .build()?;
    let mut cluster = client.get_async_connection().await?;
    cluster.subscribe(channel).await?;
    Ok(Connection::Cluster(cluster))
}

async fn incarnation_of_one(one: &mut MultiplexedConnection) -> RedisResult<String> {
    let role: Vec<Value> = redis::cmd("ROLE").query_async(one).await?;
    let role: Option<String> = role
        .into_iter()
        .next()
        .map(String::from_redis_value)
        .transpose()?;
    // One that was a primary and is none any more hears of changes late.
    if role.as_deref() != Some("master") {
        return Err((ErrorKind::UnexpectedReturnType, "not the primary").into());
    }
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
