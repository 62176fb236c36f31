//! Everything the measured servers need: a PostgreSQL with rows, a Redis, the programs.

use std::path::PathBuf;

use anyhow::Result;
use testkit::Redis;

use super::{
    peers::Peers,
    pinned::{Cores, Pinned},
    service::Service,
    twin::Twin,
    wrk,
};
use crate::{checkout::Checkout, commands::bench::site::Site, machine::packages};

/// Signs the tokens of all of them.
const JWT_SECRET: &str = "a secret of the benchmarks, long enough to be accepted";
/// More than one client can ask for.
const LIMIT: &str = "1000000000";

/// What one service keeps in common with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// Its own: cache and limits in the process.
    Own,
    /// Redis, as in production.
    Shared,
    /// Nothing is cached.
    Uncached,
}

impl Memory {
    const fn engine(self) -> &'static str {
        match self {
            Self::Own => "memory",
            Self::Shared => "redis",
            Self::Uncached => "none",
        }
    }
}

/// A variable and its value.
pub type Setting = (&'static str, String);

/// How a service is started.
pub struct Start {
    /// The variable that says where its database is.
    pub database: Setting,
    /// What it shares with others.
    pub memory: Memory,
    /// Where it runs.
    pub cores: Cores,
    /// Where it listens; 0 takes any free port.
    pub port: u16,
}

/// The stage.
pub struct Stage<'a> {
    /// Handlers that do nothing else, and clients.
    pub peers: Peers,
    site: &'a Site,
    twin: Twin,
    redis: Redis,
    database: String,
    program: PathBuf,
}

impl<'a> Stage<'a> {
    /// Builds and starts what is missing.
    pub fn set(checkout: &Checkout, site: &'a Site) -> Result<Self> {
        wrk::require()?;
        packages::require("redis-server", "redis-server")?;
        Ok(Self {
            peers: Peers::build(checkout)?,
            twin: Twin::install(checkout)?,
            redis: Redis::start()?,
            database: site.live()?,
            program: site.place("app"),
            site,
        })
    }

    /// The service on PostgreSQL, on a core of its own.
    pub fn service(&self, memory: Memory) -> Result<Pinned> {
        self.start(&Start {
            database: self.postgres(),
            memory,
            cores: Cores::Own,
            port: 0,
        })
    }

    /// The service; it listens when this returns.
    pub fn start(&self, start: &Start) -> Result<Pinned> {
        let mut settings = common();
        settings.push(("APP_PORT", start.port.to_string()));
        settings.push(start.database.clone());
        settings.push(("CACHE", start.memory.engine().to_owned()));
        if start.memory == Memory::Shared {
            settings.push(("REDIS_URL", self.redis.url()));
        }
        let service = Service {
            program: &self.program,
            cores: start.cores,
            settings,
        };
        service.start(&self.log(&format!("{:?}-{}.log", start.memory, start.port)))
    }

    /// Where PostgreSQL is.
    pub fn postgres(&self) -> Setting {
        ("DATABASE_URL", self.database.clone())
    }

    /// Where an empty SQLite database is.
    pub fn sqlite(&self) -> Result<Setting> {
        let descriptor = self.site.sqlite()?;
        Ok(("DATABASE_DESCRIPTOR", descriptor.display().to_string()))
    }

    /// The twin.
    pub fn twin(&self) -> Result<Pinned> {
        let mut settings = common();
        settings.push(("DATABASE_URL", self.database.clone()));
        settings.push(("REDIS_URL", self.redis.url()));
        self.twin.start(&settings, &self.log("twin.log"))
    }

    /// Handlers that do nothing else.
    pub fn bare(&self) -> Result<Pinned> {
        self.peers.bare(&self.database, &self.log("bare.log"))
    }

    fn log(&self, name: &str) -> PathBuf {
        self.site.place(name)
    }
}

/// What every server is told.
fn common() -> Vec<Setting> {
    let settings = [
        ("APP_ENV", "development"),
        ("LOG_LEVEL", "INFO"),
        ("JWT_SECRET", JWT_SECRET),
        ("RATE_LIMIT_USER", LIMIT),
        ("RATE_LIMIT_ADDRESS", LIMIT),
    ];
    settings
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
}
