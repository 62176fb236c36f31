//! `CACHE`.

use super::ConfigError;

/// Where copies of users and posts are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheKind {
    /// Nowhere: each request asks the database.
    None,
    /// In this process. With several, each knows only of its own changes.
    Memory,
}

impl CacheKind {
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        match text {
            "none" => Ok(Self::None),
            "memory" => Ok(Self::Memory),
            other => Err(ConfigError::Invalid {
                name: "CACHE",
                problem: format!("{other:?} is none of memory, none"),
            }),
        }
    }
}
