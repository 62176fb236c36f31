//! Level `engine`: the engine opens the copy and finds nothing wrong.

use super::LevelName;
use super::levels::listed;
use crate::evidence::Level;
use crate::ports::Inspection;

/// Runs the engine's own checks on the copy.
pub(super) async fn check(copy: &mut dyn Inspection) -> Level {
    match copy.check_engine().await {
        Err(failure) => LevelName::Engine.failed(failure.to_string()),
        Ok(found) if found.faults.is_empty() => LevelName::Engine.passed(found.checked),
        Ok(found) => LevelName::Engine.failed(listed(&found.faults)),
    }
}
