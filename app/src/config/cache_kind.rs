//! `CACHE`.

use super::{ConfigError, Environment, Shared};

/// Where copies of users and posts are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheKind {
    /// Nowhere: each request asks the database.
    None,
    /// In this process. With several, each knows only of its own changes.
    Memory,
    /// In Redis, and in this process as long as it hears of the changes of others.
    Redis,
}

impl CacheKind {
    /// Where nothing was said: with Redis, there. Without it one developer's process has only itself to hear of; others keep
    /// nothing, since there may be several.
    pub(super) fn chosen(redis: bool, environment: Environment) -> Self {
        match (redis, environment.profile().shared) {
            (true, _) => Self::Redis,
            (false, Shared::Memory) => Self::Memory,
            (false, Shared::Redis) => Self::None,
        }
    }

    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        match text {
            "none" => Ok(Self::None),
            "memory" => Ok(Self::Memory),
            "redis" => Ok(Self::Redis),
            other => Err(ConfigError::Invalid {
                name: "CACHE",
                problem: format!("{other:?} is none of redis, memory, none"),
            }),
        }
    }
}
