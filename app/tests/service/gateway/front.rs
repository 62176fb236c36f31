//! A gateway before services of a test.

use std::path::Path;

use anyhow::Result;
use serde_json::Value;
use testkit::{Nginx, ports::free_port};

use crate::support::{Client, eventually};

pub const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/gateway");

/// A running gateway and a client of it.
pub struct Front {
    nginx: Nginx,
    pub client: Client,
}

impl Front {
    /// Before these services, each for every route; in plain text, on a port of its own.
    pub fn before(services: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let listen = format!("server {{ listen 127.0.0.1:{port}; include routes.conf; }}");
        let files = [
            ("upstreams.conf", upstreams(services)),
            ("listen.conf", listen),
        ];
        let nginx = Nginx::start(Path::new(CONFIGURATION), &files, port)?;
        let client = Client::new(format!("127.0.0.1:{port}"));
        Ok(Self { nginx, client })
    }

    /// Its first lines; it writes them when it has answered.
    pub async fn log_lines(&self, count: usize) -> Result<Vec<Value>> {
        let log = eventually("the gateway logged", || async {
            let log = self.nginx.access_log();
            (log.lines().count() >= count).then_some(log)
        });
        let log = log.await?;
        let lines = log.lines().take(count);
        lines.map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}

/// Who answers, for every route.
pub fn upstreams(services: &[&str]) -> String {
    let servers: String = services
        .iter()
        .map(|address| format!("server {address} max_fails=1 fail_timeout=2s; "))
        .collect();
    let upstream = |name| format!("upstream {name} {{ {servers} keepalive 8; }}\n");
    upstream("api") + &upstream("auth")
}
