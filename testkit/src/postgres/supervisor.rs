//! A shell that starts the server, waits on a pipe, and cleans up when the pipe closes.
//!
//! The pipe's other end is held by the test process alone, so the kernel closes it even when that process
//! is killed with -9. The shell has a process group of its own: Ctrl-C reaches the test, not the clean-up.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Stdio},
};

use anyhow::{Context, Result};

use super::Account;

/// Arguments: the server's folder, the template or nothing, then the server's command line.
/// A word on stdin says how to stop and keep the folder; the end of stdin means stop and remove.
const SCRIPT: &str = r#"
umask 077
folder=$1; template=$2; shift 2
[ -z "$template" ] || cp -R "$template" "$folder/data" || exit 3
"$@" </dev/null >>"$folder/server.log" 2>&1 &
server=$!
echo "$server"
word=
read -r word
case $word in
    fast) kill -INT "$server" ;;
    crash) kill -KILL "$server" ;;
    *) kill -QUIT "$server" ;;
esac 2>/dev/null
wait "$server"
[ -n "$word" ] || rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
"#;

/// How to stop a server whose folder is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Ends sessions, writes a checkpoint.
    Fast,
    /// Ends at once; the next start recovers.
    Immediate,
    /// `kill -9` of the first process.
    Crash,
}

/// One run of one server.
#[derive(Debug)]
pub(super) struct Supervisor {
    shell: Child,
    server: u32,
}

impl Supervisor {
    /// Starts the server's command line; returns as soon as its process exists.
    pub(super) fn spawn(
        account: &Account,
        folder: &Path,
        template: Option<&Path>,
        server: &[&OsStr],
    ) -> Result<Self> {
        let mut shell = account
            .command(Path::new("/bin/sh"))
            .args(["-c", SCRIPT, "testkit-postgres"])
            .arg(folder)
            .arg(template.map_or(OsStr::new(""), Path::as_os_str))
            .args(server)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("start the shell that watches over PostgreSQL")?;
        let stdout = shell.stdout.take().context("no pipe from the shell")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let server = line
            .trim()
            .parse()
            .context("the shell could not copy the template or start PostgreSQL")?;
        Ok(Self { shell, server })
    }

    /// The process id of the server's first process.
    pub(super) fn server(&self) -> u32 {
        self.server
    }

    /// Whether the server's first process still runs (a zombie does not).
    pub(super) fn is_running(&self) -> bool {
        std::fs::read_to_string(format!("/proc/{}/stat", self.server)).is_ok_and(|stat| {
            stat.rsplit(')')
                .next()
                .is_some_and(|rest| !rest.trim_start().starts_with('Z'))
        })
    }

    /// Stops the server and waits until it is gone; its folder stays.
    pub(super) fn stop(mut self, how: Stop) -> Result<()> {
        let word = match how {
            Stop::Fast => "fast\n",
            Stop::Immediate => "immediate\n",
            Stop::Crash => "crash\n",
        };
        if let Some(mut pipe) = self.shell.stdin.take() {
            pipe.write_all(word.as_bytes())?;
        }
        self.shell.wait()?;
        Ok(())
    }
}

impl Drop for Supervisor {
    /// Stops the server at once and waits until its folder is removed.
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
