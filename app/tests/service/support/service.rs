//! The service inside the test process.

use std::collections::BTreeMap;

use std::time::Duration;

use anyhow::Result;
use app::auth::{Bearer, Revocation, Tokens};
use app::cache;
use app::config::{Config, Role, Secret};
use app::server::{Server, StartError};

use super::{Client, DescriptorFile, Place, eventually};

pub const JWT_SECRET: &str = "the secret of the tests, 32 characters or more";

/// A running service and a client of it.
pub struct Service {
    pub client: Client,
    server: Server,
}

/// The variables that every start has in common.
pub fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let common = [
        ("JWT_SECRET", JWT_SECRET),
        ("APP_PORT", "0"),
        ("DATABASE_POOL_SIZE", "4"),
        ("DATABASE_TIMEOUT", "20"),
        ("HEARTBEAT_INTERVAL", "1"),
        // Tests ask more than people do; those of the limits set their own.
        ("RATE_LIMIT_USER", "1000000"),
        ("RATE_LIMIT_ADDRESS", "1000000"),
    ];
    common
        .iter()
        .chain(pairs)
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

impl Service {
    /// Straight on a database: SQLite alone, or PostgreSQL with all that production has beside it.
    pub async fn on(place: &Place) -> Result<Self> {
        Self::beside(place, Role::All, &[]).await
    }

    /// The same, told more.
    pub async fn beside(place: &Place, role: Role, pairs: &[(&str, &str)]) -> Result<Self> {
        let mut all = place.variables()?;
        all.extend(pairs);
        let mut service = Self::start(role, &all).await??;
        service.client = service.client.keeping();
        service.uses_what_is_there().await?;
        Ok(service)
    }

    /// A replica and a Redis are used as soon as they are found good: before that it would be another service that is tested.
    async fn uses_what_is_there(&self) -> Result<()> {
        eventually("the replica is read and copies are shared", || async {
            let replica = self.database().replica();
            let read = replica.is_none_or(|replica| replica.is_read());
            (read && self.state().cache.place() != cache::Place::OutOfReach).then_some(())
        })
        .await
    }

    /// Following a descriptor.
    pub async fn following(descriptor: &DescriptorFile) -> Result<Self> {
        let path = descriptor.path().display().to_string();
        Ok(Self::start(Role::All, &[("DATABASE_DESCRIPTOR", &path)]).await??)
    }

    /// Following a descriptor, and writing nothing of its own accord: a write in flight is then the test's.
    pub async fn quietly_following(descriptor: &DescriptorFile, place: &Place) -> Result<Self> {
        let path = descriptor.path().display().to_string();
        let pairs = [
            ("DATABASE_DESCRIPTOR", path.as_str()),
            ("HEARTBEAT_INTERVAL", "3600"),
        ];
        let service = Self::start(Role::Api, &pairs).await??;
        descriptor.applied(1).await?;
        let beat = "SELECT beat_at AS x FROM heartbeat";
        eventually("the only heartbeat is over", || async {
            place
                .text(beat)
                .await
                .ok()
                .filter(|_| service.server.database().writes_in_flight() == 0)
        })
        .await?;
        Ok(service)
    }

    /// What Prometheus would read.
    pub async fn measurements(&self) -> Result<String> {
        let inside = Client::new(self.server.metrics());
        let text = inside.get("/metrics").await?.json;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until a write has been let in.
    pub async fn write_in_flight(&self) -> Result<()> {
        eventually("a write is in flight", || async {
            (self.server.database().writes_in_flight() > 0).then_some(())
        })
        .await
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.server.address()
    }

    /// As told; the inner error is the service's own refusal.
    pub async fn start(role: Role, pairs: &[(&str, &str)]) -> Result<Result<Self, StartError>> {
        let variables = variables(pairs);
        let config = Config::read(role, |name| variables.get(name).cloned()).await?;
        Ok(Server::start(config).await.map(|server| Self {
            client: Client::new(server.address()),
            server,
        }))
    }

    /// A client with a valid token of a user who need not exist.
    pub fn client_of_anybody(&self) -> Result<Client> {
        self.client_of(&uuid::Uuid::new_v4().to_string())
    }

    /// A user who may everything, logged in. Permissions are given by whoever operates the database.
    pub async fn admin(&self, place: &Place) -> Result<Client> {
        let (client, id) = self.client.sign_up("admin@example.com").await?;
        place
            .execute(&format!(
                "INSERT INTO user_permissions (user_id, permission) VALUES ('{id}', 'admin')"
            ))
            .await?;
        Ok(client)
    }

    /// A client with a valid token of this user, as opsctl signs one for the probe.
    pub fn client_of(&self, user: &str) -> Result<Client> {
        let tokens = Tokens::new(
            &Secret::new(JWT_SECRET),
            Duration::from_secs(600),
            Revocation::Honoured,
        );
        let bearer = Bearer {
            user: user.parse()?,
            session: None,
        };
        Ok(self.client.with_token(tokens.issue(bearer, None)?))
    }

    /// What its handlers reach.
    pub fn state(&self) -> &app::http::AppState {
        self.server.state()
    }

    /// What the service serves from.
    pub fn database(&self) -> &app::database::Database {
        self.server.database()
    }

    pub async fn stop(self) {
        self.server.stop().await;
    }
}
