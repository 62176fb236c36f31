//! A primary, its replica, and services on both.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use app::config::Role;
use hyper::Method;
use serde_json::json;
use testkit::Postgres;

use crate::support::{Answer, Client, Service, eventually, set_up};

pub struct Pair {
    pub primary: Postgres,
    pub replica: Postgres,
}

impl Pair {
    pub async fn new() -> Result<Self> {
        let primary = Postgres::start_with(&[("max_connections", "100")])?;
        set_up(&primary).await?;
        let replica = Postgres::standby_of(&primary)?;
        Ok(Self { primary, replica })
    }

    /// A process on both; starts reading the replica when that has caught up.
    pub async fn service(&self, lag: &str) -> Result<Service> {
        let (url, replica) = (self.primary.url(), self.replica.url());
        let pairs = [
            ("DATABASE_URL", url.as_str()),
            ("DATABASE_REPLICA_URL", replica.as_str()),
            ("DATABASE_REPLICA_LAG", lag),
        ];
        Ok(Service::start(Role::All, &pairs).await??)
    }

    /// How many reads of rows the replica has answered to the services.
    pub fn asked(&self) -> Result<u64> {
        let count = "SELECT coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0) \
            FROM pg_stat_user_tables WHERE relname = 'posts'";
        Ok(self.replica.execute("app", count)?.parse()?)
    }
}

/// A client that keeps what it was told to have seen, as clients should.
pub struct Keeping {
    client: Client,
    pub token: String,
}

impl Keeping {
    pub async fn sign_up(service: &Service, email: &str) -> Result<Self> {
        let (client, _) = service.client.sign_up(email).await?;
        let body = json!({"email": email, "password": "correct horse battery"});
        let session = client.post("/auth/login", &body).await?;
        let token = session.header("consistency-token").to_owned();
        anyhow::ensure!(token.len() == 16, "{session:?}");
        Ok(Self { client, token })
    }

    pub async fn post(&mut self, title: &str) -> Result<()> {
        let body = json!({"title": title, "content": "words", "published": true});
        let answer = self.client.post("/api/posts", &body).await?;
        anyhow::ensure!(answer.status == 201, "{answer:?}");
        self.token = answer.header("consistency-token").to_owned();
        Ok(())
    }

    /// The titles of all posts, as a process shows them to somebody who has seen this much.
    pub async fn titles_at(
        &self,
        service: &Service,
        seen: Option<&str>,
    ) -> Result<BTreeSet<String>> {
        let token = self.client.token().context("it is logged in")?;
        let client = service.client.with_token(token);
        let headers: Vec<_> = seen
            .map(|seen| ("consistency-token", seen))
            .into_iter()
            .collect();
        let answer = client
            .send_with(Method::GET, "/api/posts?limit=100", &headers, None)
            .await?;
        anyhow::ensure!(answer.status == 200, "{answer:?}");
        Ok(titles(&answer))
    }
}

fn titles(answer: &Answer) -> BTreeSet<String> {
    let items = answer.json["items"].as_array().into_iter().flatten();
    items
        .filter_map(|post| Some(post["title"].as_str()?.to_owned()))
        .collect()
}

/// Waits until a process answers from the replica what somebody with this token asks.
pub async fn read_from_replica(pair: &Pair, reader: &Keeping, service: &Service) -> Result<()> {
    eventually("the replica is read", || async {
        let before = pair.asked().ok()?;
        reader.titles_at(service, Some(&reader.token)).await.ok()?;
        // Counted by the server a moment after the answer.
        (pair.asked().ok()? > before).then_some(())
    })
    .await
}
