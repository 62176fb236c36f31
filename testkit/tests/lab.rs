//! The lab itself: its node runs pods, and nothing is left when it ends.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use testkit::lab::Lab;

#[test]
fn a_pod_runs_on_the_node_and_nothing_is_left_when_the_lab_ends() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let before = network_of_this_machine()?;
    let lab = Lab::start(folder.path())?;
    lab.kubectl(&[
        "create",
        "deployment",
        "idle",
        "--image=local/pause:1",
        "--replicas=2",
    ])?;
    lab.kubectl(&["rollout", "status", "deployment/idle", "--timeout=100s"])?;
    assert!(lab.fallen().is_empty());
    assert_eq!(network_of_this_machine()?, before);
    assert_ne!(processes_of(folder.path()), 0);
    drop(lab);
    assert_eq!(processes_of(folder.path()), 0);
    Ok(())
}

fn network_of_this_machine() -> Result<String> {
    let mut all = String::new();
    for words in [
        ["ip", "link"],
        ["ip", "route"],
        ["iptables", "--list-rules"],
    ] {
        let output = Command::new(words[0]).args(&words[1..]).output()?;
        all.push_str(&String::from_utf8_lossy(&output.stdout));
    }
    Ok(all)
}

/// Those whose command line names the folder.
fn processes_of(folder: &Path) -> usize {
    let folder = folder.display().to_string();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines
        .filter(|line| String::from_utf8_lossy(line).contains(&folder))
        .count()
}
