//! Looks at a process by its number.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// Whether a process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Living {
    /// It does, and it runs the expected program as far as can be seen.
    Yes,
    /// It ended, or its number belongs to another program now.
    No,
}

/// Looks at the process with this number, which ran `program`.
pub fn look(pid: u32, program: &Path) -> Living {
    let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return Living::No;
    };
    let gone = test_kill_process(number) == Err(rustix::io::Errno::SRCH);
    if gone || ended(pid) || runs_another(pid, program) {
        Living::No
    } else {
        Living::Yes
    }
}

/// Ends the process at once, if it still runs `program`.
pub fn end(pid: u32, program: &Path) {
    if look(pid, program) == Living::Yes
        && let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw)
    {
        let _ended_by_itself = kill_process(number, Signal::KILL);
    }
}

/// A process whose parent has not asked for its exit code yet still has a number, and does nothing.
fn ended(pid: u32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    // The name in brackets may hold anything, so look behind its last bracket.
    let state = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.split_whitespace().next());
    matches!(state, Some("Z" | "X"))
}

/// Numbers are used again; what can't be told counts as the same program, because a process that is
/// waited for in vain is better than one that is overlooked.
fn runs_another(pid: u32, program: &Path) -> bool {
    let Ok(running) = fs::read_link(format!("/proc/{pid}/exe")) else {
        return false;
    };
    let name = running
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    // The kernel marks a program that was replaced by a newer build.
    let name = name.trim_end_matches(" (deleted)");
    program
        .file_name()
        .is_some_and(|expected| expected.to_string_lossy() != name)
}
