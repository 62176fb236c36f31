//! What testkit reads from the environment; no other room of it does.

use std::path::PathBuf;

/// A folder that the caller chose.
pub fn folder(name: &str) -> Option<PathBuf> {
    read(name).map(PathBuf::from)
}

/// The folders that programs are looked up in. Debian keeps servers where the PATH of ordinary users does not lead.
pub fn search_path() -> Vec<PathBuf> {
    let path = read("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .collect()
}

/// Where `cargo xtask` keeps the tools that it builds.
pub fn tools() -> PathBuf {
    let home = || read("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = || read("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    read("XTASK_TOOLS").map_or_else(
        || cache().unwrap_or_default().join("opsctl/tools"),
        PathBuf::from,
    )
}

/// A variable that is there and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where testkit reads the environment"
)]
fn read(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
