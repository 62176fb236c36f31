//! Where the node's pods are counted and limited: below a control group of the lab's own, in every hierarchy of the machine.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

const ROOT: &str = "/sys/fs/cgroup";
/// What this process's group is called, and those of labs that ended.
const PREFIX: &str = "lab-";

/// The group of a lab that this process holds. What earlier ones left is taken away: nobody is in there any more.
pub fn create() -> Result<String> {
    let hierarchies = hierarchies();
    for hierarchy in &hierarchies {
        for group in folders(hierarchy).filter(|path| is_ours(path)) {
            remove(&group);
        }
    }
    let name = format!("{PREFIX}{}", std::process::id());
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

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name.starts_with(PREFIX))
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
