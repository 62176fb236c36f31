//! Which events are written. Dependencies are heard from warning on: their debugging is not ours.

use tracing_subscriber::filter::{LevelFilter, Targets};

use super::{CRITICAL, LIFECYCLE, REQUEST};
use crate::config::LogLevel;

/// The filter for a log level.
pub fn filter(level: LogLevel) -> Targets {
    let own = match level {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warning => LevelFilter::WARN,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Critical => LevelFilter::OFF,
    };
    Targets::new()
        .with_default(own.min(LevelFilter::WARN))
        .with_target("app", own)
        .with_target(CRITICAL, LevelFilter::ERROR)
        .with_target(LIFECYCLE, LevelFilter::INFO)
        .with_target(REQUEST, LevelFilter::INFO)
}
