//! Where the node's pods are counted and limited: below a control group of the lab's own, in every hierarchy of the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Result;

const ROOT: &str = "/sys/fs/cgroup";
/// What this process's group is called, and those of labs that ended.
const PREFIX: &str = "lab-";

/// How many labs this process has held.
static HELD: AtomicU32 = AtomicU32::new(0);

/// The group of a lab that this process holds. What processes left that are no more is taken away.
pub fn create() -> Result<String> {
    let hierarchies = hierarchies();
    for hierarchy in &hierarchies {
        for group in folders(hierarchy).filter(|path| is_left(path)) {
            remove(&group);
        }
    }
    let number = HELD.fetch_add(1, Ordering::Relaxed);
    let name = format!("{PREFIX}{}-{number}", std::process::id());
    for hierarchy in hierarchies {
        let group = hierarchy.join(&name);
        fs::create_dir_all(&group)?;
        // A new group of this hierarchy may use nothing until it is told what.
        for file in ["cpuset.cpus", "cpuset.mems"] {
            if let Ok(all) = fs::read(hierarchy.join(file)) {
                fs::write(group.join(file), all)?;
            }
        }
    }
    Ok(format!("/{name}"))
}

/// One where there is one for everything, else one a controller.
fn hierarchies() -> Vec<PathBuf> {
    let root = Path::new(ROOT);
    if root.join("cgroup.controllers").exists() {
        return vec![root.to_owned()];
    }
    folders(root).collect()
}

/// Whether whoever made it is gone: the groups of a lab that runs are empty where no pod is yet.
fn is_left(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let maker = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split('-').next());
    maker.is_some_and(|maker| !Path::new("/proc").join(maker).exists())
}

/// Inner ones first. One that is in use stays, as it has to.
fn remove(group: &Path) {
    for inner in folders(group) {
        remove(&inner);
    }
    let _in_use = fs::remove_dir(group);
}

fn folders(of: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(of).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && !path.is_symlink())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_process_left_that_is_no_more_is_taken_away() {
        let of = |maker: &str| PathBuf::from(format!("/sys/fs/cgroup/memory/{PREFIX}{maker}"));
        assert!(!is_left(&of(&format!("{}-0", std::process::id()))));
        // No process has a number that long.
        assert!(is_left(&of("99999999999-0")));
        assert!(!is_left(Path::new("/sys/fs/cgroup/memory/other")));
    }
}
