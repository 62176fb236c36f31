//! Which events are written. Dependencies are heard from warning on: their debugging is not ours.

use tracing_subscriber::filter::{LevelFilter, Targets};

use super::statements::{STATEMENT, WAIT};
use super::traces::SPANS;
use super::{CRITICAL, LIFECYCLE, REQUEST};
use crate::config::LogLevel;

/// The filter for a log level. What is only measured or traced passes at every level; the log itself leaves it out.
pub fn filter(level: LogLevel, traced: bool) -> Targets {
    let spans = match traced {
        true => LevelFilter::INFO,
        false => LevelFilter::OFF,
    };
    Targets::new()
        .with_default(dependencies(level))
        .with_target(STATEMENT, LevelFilter::DEBUG)
        .with_target(WAIT, LevelFilter::DEBUG)
        .with_target(SPANS, spans)
        .with_target("app", own(level))
        .with_target(CRITICAL, LevelFilter::ERROR)
        .with_target(LIFECYCLE, LevelFilter::INFO)
        .with_target(REQUEST, LevelFilter::INFO)
}

fn own(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warning => LevelFilter::WARN,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Critical => LevelFilter::OFF,
    }
}

/// From which level on dependencies are heard in the log.
pub(super) fn dependencies(level: LogLevel) -> LevelFilter {
    own(level).min(LevelFilter::WARN)
}
