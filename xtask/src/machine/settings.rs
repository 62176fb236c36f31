//! What xtask reads from the environment; no other room does.

use std::path::PathBuf;

/// The folder of PostgreSQL binaries that the caller chose (`PG_BIN`).
pub fn postgres_folder() -> Option<PathBuf> {
    read("PG_BIN").map(PathBuf::from)
}

/// The folders that commands are looked up in (`PATH`).
pub fn search_path() -> Vec<PathBuf> {
    read("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}

/// Where tools that xtask installs are kept (`XTASK_TOOLS`, else the user's cache folder): outside the
/// clone, so that they outlive it.
pub fn tools_folder() -> PathBuf {
    let cache = || {
        read("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| read("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
    };
    read("XTASK_TOOLS").map_or_else(|| cache().join("opsctl/tools"), PathBuf::from)
}

/// A variable that is there and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the room that reads the environment"
)]
fn read(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
