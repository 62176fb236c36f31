//! One connection: to the one server that is the primary, or to a cluster.

use std::time::Duration;

use opsctl_core::secret::without_passwords;
use opsctl_core::{Failure, Result};
use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisResult};

/// For a connection, and for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

pub enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// What went wrong, without the passwords that stand in addresses.
pub fn words(error: &RedisError) -> String {
    without_passwords(&error.to_string())
}

fn trouble(error: &RedisError) -> Failure {
    Failure::failed("the cache can't be reached").cause(words(error))
}

impl Connection {
    /// Connects to the first of the addresses that will do; `urls` has comma between them.
    pub async fn open(urls: &str) -> Result<Self> {
        let all: Vec<&str> = urls.split(',').map(str::trim).collect();
        let mut failed = Failure::failed("the cache can't be reached").cause("it has no address");
        for url in &all {
            match Self::open_one(url, &all).await {
                Ok(connection) => return Ok(connection),
                Err(error) => failed = trouble(&error),
            }
        }
        Err(failed)
    }

    async fn open_one(url: &str, all: &[&str]) -> RedisResult<Self> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let client = Client::open(url)?;
        let mut one = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let mut info = redis::cmd("INFO");
        let said: String = info.arg("cluster").query_async(&mut one).await?;
        if !said.contains("cluster_enabled:1") {
            return Ok(Self::One(one));
        }
        let cluster = ClusterClient::builder(all.iter().copied())
            .connection_timeout(PATIENCE)
            .response_timeout(PATIENCE)
            // Whoever waits for a mended cluster notices an outage late.
            .retries(0)
            .build()?;
        cluster.get_async_connection().await.map(Self::Cluster)
    }

    pub async fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        match self {
            Self::One(one) => command.query_async(one).await,
            Self::Cluster(cluster) => command.query_async(cluster).await,
        }
    }
}
