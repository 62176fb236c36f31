//! How the server of a data folder is, read from what it leaves there. Changes nothing.

use std::{fs, path::Path};

/// How a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ServerState {
    /// No process.
    Stopped,
    /// A process that takes no connections: it starts, recovers or stops.
    Busy {
        /// The first process.
        pid: u32,
    },
    /// It takes connections that read; it is in recovery.
    Standby {
        /// The first process.
        pid: u32,
    },
    /// It takes connections.
    Ready {
        /// The first process.
        pid: u32,
    },
}

impl ServerState {
    /// The first process, if there is one.
    #[must_use]
    pub const fn pid(self) -> Option<u32> {
        match self {
            Self::Stopped => None,
            Self::Busy { pid } | Self::Standby { pid } | Self::Ready { pid } => Some(pid),
        }
    }
}

/// How the server of a folder is at this moment.
#[must_use]
pub fn state(data: &Path) -> ServerState {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else {
        return ServerState::Stopped;
    };
    let mut lines = text.lines().map(str::trim);
    let pid = lines.next().and_then(|line| line.parse().ok());
    match pid.filter(|pid| is_server_of(*pid, data)) {
        None => ServerState::Stopped,
        Some(pid) => match lines.nth(6) {
            Some("ready") => ServerState::Ready { pid },
            Some("standby") => ServerState::Standby { pid },
            _ => ServerState::Busy { pid },
        },
    }
}

/// A number alone proves nothing: it may have been given to another process since. The server's first
/// process works in its data folder.
pub(super) fn is_server_of(pid: u32, data: &Path) -> bool {
    let at = fs::read_link(format!("/proc/{pid}/cwd"));
    match (at, fs::canonicalize(data)) {
        (Ok(at), Ok(data)) => at == data,
        _ => false,
    }
}
