//! Stops servers that a program under test left running, however the test ends.
//!
//! A shell waits on a pipe that only the test process holds. Signals nothing but servers whose data folder
//! lies below the folder that it was given.

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

const SCRIPT: &str = r#"
read -r word
servers() {
    find "$1" -name postmaster.pid 2>/dev/null | while read -r file; do
        pid=$(head -n 1 "$file")
        [ "$(readlink "/proc/$pid/cwd")" = "$(dirname "$file")" ] && echo "$pid"
    done
}
for pid in $(servers "$1"); do kill -QUIT "$pid"; done
left=200
while [ "$left" -gt 0 ] && [ -n "$(servers "$1")" ]; do sleep 0.05; left=$((left - 1)); done
rm -rf "$1"
"#;

/// Ends every PostgreSQL below a folder, and removes the folder, when it is dropped or the test dies.
#[derive(Debug)]
pub struct Reaper {
    shell: Child,
}

impl Reaper {
    /// Watches over a folder.
    ///
    /// # Errors
    /// When the folder doesn't exist or no shell can be started.
    pub fn of(folder: &Path) -> Result<Self> {
        let folder = folder
            .canonicalize()
            .with_context(|| format!("find {}", folder.display()))?;
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "testkit-reaper"])
            .arg(folder)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("start the shell that watches over servers")?;
        Ok(Self { shell })
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
