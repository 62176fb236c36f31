//! The migrations that this opsctl carries: the repository's, as they were when it was built.

use super::Migration;
use crate::ports::Engine;

macro_rules! files {
    ($engine:literal: $($name:literal),+ $(,)?) => {
        &[$((
            $name,
            include_str!(concat!("../../../../migrations/", $engine, "/", $name, ".up.sql")),
            include_str!(concat!("../../../../migrations/", $engine, "/", $name, ".down.sql")),
        )),+]
    };
}

type File = (&'static str, &'static str, &'static str);

const SQLITE: &[File] = files!("sqlite": "0001_users", "0002_posts", "0003_comments", "0004_operations", "0005_permissions", "0006_sessions", "0007_flags", "0008_business", "0009_events", "0010_traces", "0011_jobs");
const POSTGRES: &[File] = files!("postgres": "0001_users", "0002_posts", "0003_comments", "0004_operations", "0005_permissions", "0006_sessions", "0007_flags", "0008_business", "0009_events", "0010_traces", "0011_jobs");

/// The migrations for an engine, in order.
#[must_use]
pub fn of(engine: Engine) -> Vec<Migration> {
    let files = match engine {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    files
        .iter()
        .filter_map(|(name, up, down)| Migration::parse(name, up, Some(down)))
        .collect()
}

/// The version of the last of them.
#[must_use]
pub fn newest(engine: Engine) -> Option<i64> {
    of(engine).last().map(|migration| migration.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_of_the_repository_is_carried_and_well_formed() {
        for (engine, folder) in [(Engine::Sqlite, "sqlite"), (Engine::Postgres, "postgres")] {
            let path = format!("{}/../../migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
            let is_up = |entry: &std::fs::DirEntry| {
                entry.file_name().to_string_lossy().ends_with(".up.sql")
            };
            let on_disk = std::fs::read_dir(path)
                .unwrap()
                .filter(|entry| is_up(entry.as_ref().unwrap()));
            assert_eq!(of(engine).len(), on_disk.count(), "{folder}");
        }
    }

    #[test]
    fn both_engines_are_numbered_alike() {
        let names = |engine| -> Vec<(i64, String)> {
            of(engine)
                .into_iter()
                .map(|m| (m.version, m.description))
                .collect()
        };
        assert_eq!(names(Engine::Sqlite), names(Engine::Postgres));
    }
}
