//! The faults that tests turn on from outside: `OPSCTL_FAULT=kill-at:<n>`, `pause-at:<n>:<file>` or
//! `count-into:<file>`.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opsctl_core::engine::{FaultPoint, NoFaults};
use opsctl_core::{Failure, Result};
use rustix::process::{Signal, getpid, kill_process};

use crate::config;

/// What the environment asks for; nothing, in production.
///
/// # Errors
/// When the variable is set to something else.
pub fn from_environment() -> Result<Arc<dyn FaultPoint>> {
    let Some(text) = config::read("OPSCTL_FAULT") else {
        return Ok(Arc::new(NoFaults));
    };
    let wrong = || Failure::usage(format!("OPSCTL_FAULT is '{text}'"));
    match text.split_once(':') {
        Some(("kill-at", number)) => {
            let at = number.parse().map_err(|error| wrong().because(error))?;
            Ok(Arc::new(KillAt {
                at,
                seen: AtomicUsize::new(0),
            }))
        }
        Some(("pause-at", rest)) => {
            let (number, file) = rest.split_once(':').ok_or_else(wrong)?;
            Ok(Arc::new(PauseAt {
                at: number.parse().map_err(|error| wrong().because(error))?,
                seen: AtomicUsize::new(0),
                file: PathBuf::from(file),
            }))
        }
        Some(("count-into", file)) => Ok(Arc::new(CountInto(PathBuf::from(file)))),
        _ => Err(wrong().hint("kill-at:<n>, pause-at:<n>:<file> or count-into:<file>")),
    }
}

struct KillAt {
    at: usize,
    seen: AtomicUsize,
}

impl FaultPoint for KillAt {
    fn reached(&self, _: &str) {
        if self.seen.fetch_add(1, Ordering::SeqCst) == self.at {
            // The signal can't be caught; should it not be delivered at once, nothing more is done.
            let _ = kill_process(getpid(), Signal::KILL);
            std::thread::park();
        }
    }
}

/// Makes a file and stands still until somebody takes it away.
struct PauseAt {
    at: usize,
    seen: AtomicUsize,
    file: PathBuf,
}

impl FaultPoint for PauseAt {
    fn reached(&self, boundary: &str) {
        if self.seen.fetch_add(1, Ordering::SeqCst) != self.at {
            return;
        }
        // Without the file nobody could let go again: then there is no pause.
        if std::fs::write(&self.file, boundary).is_ok() {
            while self.file.exists() {
                std::thread::park_timeout(Duration::from_millis(5));
            }
        }
    }
}

struct CountInto(PathBuf);

impl FaultPoint for CountInto {
    fn reached(&self, boundary: &str) {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.0);
        if let Ok(mut file) = file {
            // The test sees a missing line; a run is not stopped for it.
            let _ = writeln!(file, "{boundary}");
        }
    }
}
