//! Ends the service when opsctl dies, however it dies.
//!
//! A small shell holds one end of a pipe whose other end is ours alone. The kernel closes ours even after
//! kill -9; the shell's `read` then ends, and it asks the service to stop.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

const WATCH: &str = r#"read -r word; kill -TERM "$1" 2>/dev/null"#;

/// Holds a process; dropping it ends the watch alone.
pub struct Leash(Child);

impl Leash {
    /// Watches over the process with this number.
    pub fn on(pid: u32) -> std::io::Result<Self> {
        Command::new("/bin/sh")
            .args(["-c", WATCH, "opsctl-watch"])
            .arg(pid.to_string())
            // Ctrl-C at the terminal is for opsctl, which stops the service in order.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Self)
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        // Killed before the pipe closes, so that it signals nobody.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
