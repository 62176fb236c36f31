//! A server on a leash: it ends, and its folder goes, when this value does or when the process that holds it dies.
//!
//! A shell waits on a pipe that this process alone holds; the kernel closes it even when the process is killed with -9. The
//! shell has a process group of its own: Ctrl-C reaches the test, not the clean-up.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

/// Arguments: the folder, then the server's command line. A word on stdin says which signal ends the server and keeps the
/// folder; the end of stdin means end and remove.
const SCRIPT: &str = r#"
folder=$1; shift
"$@" </dev/null >>"$folder/server.log" 2>&1 &
server=$!
echo "$server"
word=
read -r word
children=$(cat "/proc/$server/task/$server/children" 2>/dev/null)
kill -"${word:-KILL}" "$server" 2>/dev/null
wait "$server"
# Who is killed cannot end its own.
[ "$word" = TERM ] || [ -z "$children" ] || kill -KILL $children 2>/dev/null
[ -n "$word" ] || rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
"#;

/// How a server is ended while its folder stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// In order, by SIGTERM.
    Orderly,
    /// `kill -9`.
    Crash,
}

/// One run of one server.
#[derive(Debug)]
pub struct Leash {
    shell: Child,
    server: u32,
    folder: PathBuf,
}

impl Leash {
    /// Starts the command line with its output in `server.log` of the folder; returns as soon as the process exists.
    ///
    /// # Errors
    /// When no shell can be started.
    pub fn start(folder: &Path, server: &Command) -> Result<Self> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "testkit-leash"])
            .arg(folder)
            .arg(server.get_program())
            .args(server.get_args())
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("start the shell that watches over a server")?;
        let stdout = shell.stdout.take().context("no pipe from the shell")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let server = line.trim().parse().context("the server was not started")?;
        Ok(Self {
            shell,
            server,
            folder: folder.to_owned(),
        })
    }

    /// The server's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server
    }

    /// Whether the server still runs (a zombie does not).
    #[must_use]
    pub fn is_running(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.server));
        stat.is_ok_and(|stat| {
            let rest = stat.rsplit(')').next();
            rest.is_some_and(|rest| !rest.trim_start().starts_with('Z'))
        })
    }

    /// What the server has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }

    /// Sends the server a signal, such as `STOP` and `CONT`.
    ///
    /// # Errors
    /// When it is gone.
    pub fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("/bin/kill")
            .args([&format!("-{name}"), &self.server.to_string()])
            .status()?;
        anyhow::ensure!(sent.success(), "the server is gone");
        Ok(())
    }

    /// Ends the server and waits until it is gone; its folder stays.
    ///
    /// # Errors
    /// When the shell is gone.
    pub fn end(mut self, ending: Ending) -> Result<()> {
        let word = match ending {
            Ending::Orderly => "TERM\n",
            Ending::Crash => "KILL\n",
        };
        if let Some(mut pipe) = self.shell.stdin.take() {
            pipe.write_all(word.as_bytes())?;
        }
        self.shell.wait()?;
        Ok(())
    }
}

impl Drop for Leash {
    /// Ends the server at once and waits until its folder is removed.
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processes_of_a_server_that_is_killed_go_with_it() -> Result<()> {
        let folder = tempfile::tempdir()?.keep();
        let mut server = Command::new("/bin/sh");
        server.args(["-c", "sleep 600 & echo $!; wait"]);
        let leash = Leash::start(&folder, &server)?;
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let child = loop {
            if let Ok(child) = leash.log().trim().parse::<u32>() {
                break child;
            }
            anyhow::ensure!(std::time::Instant::now() < deadline, "no child was started");
            std::thread::yield_now();
        };
        drop(leash);
        let place = format!("/proc/{child}");
        // Whoever inherits it takes it away.
        while fs::read_to_string(format!("{place}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
            anyhow::ensure!(std::time::Instant::now() < deadline, "the child lives on");
            std::thread::yield_now();
        }
        Ok(())
    }
}
