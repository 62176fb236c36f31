//! Programs that die with opsctl.
//!
//! A small shell watches over each: it holds one end of a pipe whose other end is ours alone, so the kernel
//! closes it even when opsctl is killed with -9, and the shell then kills the program. Never used for a
//! server that has to go on.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdin, ExitStatus, Stdio},
    thread::JoinHandle,
};

use opsctl_core::{Failure, Result};

use super::{account::Account, durable::At};

const WATCH: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
( read -r word <&3; kill -KILL "$child" ) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
"#;

/// A program with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

/// What a program said and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            arguments: Vec::new(),
        }
    }

    pub(crate) fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn args<T: Into<OsString>>(
        mut self,
        arguments: impl IntoIterator<Item = T>,
    ) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// The name without its folder, for messages.
    pub(crate) fn name(&self) -> String {
        self.path
            .file_name()
            .unwrap_or(self.path.as_os_str())
            .to_string_lossy()
            .into_owned()
    }

    /// Starts it under the account; `None` runs it as ourselves.
    pub(crate) fn start(&self, account: &Account) -> Result<Running> {
        let shell = std::path::Path::new("/bin/sh");
        let mut child = account
            .command(shell)
            .args(["-c", WATCH, "opsctl-watch"])
            .arg(&self.path)
            .args(&self.arguments)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .at("run", &self.path)?;
        Ok(Running {
            leash: child.stdin.take(),
            child,
        })
    }

    /// Runs it to its end; only a program that can't be started is an error.
    pub(crate) fn run(&self, account: &Account) -> Result<Ended> {
        self.start(account)?.finish()
    }

    /// Runs it to its end and insists on success.
    pub(crate) fn succeed(&self, account: &Account) -> Result<String> {
        let ended = self.run(account)?;
        if ended.status.success() {
            Ok(ended.stdout)
        } else {
            Err(self.failure(&ended))
        }
    }

    /// The failure of a run, in the program's own words.
    pub(crate) fn failure(&self, ended: &Ended) -> Failure {
        let mut failure = Failure::failed(format!("{} failed ({})", self.name(), ended.status));
        for line in ended
            .stderr
            .lines()
            .rev()
            .take(8)
            .collect::<Vec<_>>()
            .iter()
            .rev()
        {
            if !line.trim().is_empty() {
                failure = failure.cause(line.trim());
            }
        }
        failure
    }
}

/// A program at work. Dropping it kills the program.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    leash: Option<ChildStdin>,
}

impl Running {
    /// Waits for the end.
    pub(crate) fn finish(self) -> Result<Ended> {
        self.finish_with(|_| ())
    }

    /// Waits for the end; hands each line of standard error over as it comes.
    pub(crate) fn finish_with(mut self, mut on_line: impl FnMut(&str)) -> Result<Ended> {
        let stdout = self.child.stdout.take().map(read_aside);
        let mut said = String::new();
        if let Some(stderr) = self.child.stderr.take() {
            let mut reader = BufReader::new(stderr);
            let mut line = Vec::new();
            // Progress lines end in a carriage return when a program takes us for a terminal.
            while reader
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                let text = String::from_utf8_lossy(&line).into_owned();
                for part in text.split(['\r', '\n']).filter(|part| !part.is_empty()) {
                    on_line(part);
                }
                said.push_str(&text);
                line.clear();
            }
        }
        let status = self
            .child
            .wait()
            .map_err(|error| Failure::failed("a program can't be waited for").because(error))?;
        drop(self.leash.take());
        let stdout = stdout
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default();
        Ok(Ended {
            status,
            stdout,
            stderr: said,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.leash.take());
        let _ = self.child.wait();
    }
}

fn read_aside(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{
        path::Path,
        process::Command,
        time::{Duration, Instant},
    };

    use super::*;

    fn until(what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !holds() {
            assert!(Instant::now() < deadline, "still waiting: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Notes its number, then works for ever.
    fn endless(note: &Path) -> Program {
        let script = "echo $$ > \"$0.new\"; mv \"$0.new\" \"$0\"; exec sleep 100000";
        Program::new("/bin/sh".into())
            .args(["-c", script])
            .arg(note)
    }

    fn ourselves() -> Account {
        Account::of(Path::new("/")).unwrap()
    }

    /// A folder that the account of programs may write to.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        ourselves().own(folder.path()).unwrap();
        folder
    }

    fn noted(note: &Path) -> PathBuf {
        until("the program runs", || note.exists());
        let pid = std::fs::read_to_string(note).unwrap();
        Path::new("/proc").join(pid.trim())
    }

    /// Run by the test below with two more arguments; by itself it has nothing to do.
    #[test]
    fn victim() {
        let arguments: Vec<String> = std::env::args().collect();
        if let [.., marker, note] = arguments.as_slice()
            && marker == "VICTIM"
        {
            let _ = endless(Path::new(note)).run(&ourselves());
        }
    }

    #[test]
    fn a_program_dies_with_opsctl() {
        let folder = folder();
        let note = folder.path().join("note");
        let mut opsctl = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "cluster::child::tests::victim", "VICTIM"])
            .arg(&note)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let process = noted(&note);
        assert!(process.exists());
        opsctl.kill().unwrap();
        opsctl.wait().unwrap();
        until("the program is gone", || !process.exists());
    }

    #[test]
    fn a_program_dies_when_nobody_waits_for_it_any_more() {
        let folder = folder();
        let note = folder.path().join("note");
        let running = endless(&note).start(&ourselves()).unwrap();
        let process = noted(&note);
        drop(running);
        until("the program is gone", || !process.exists());
    }

    #[test]
    fn a_program_that_fails_is_quoted() {
        let program = Program::new("/bin/sh".into()).args(["-c", "echo no room >&2; exit 3"]);
        let failure = program.succeed(&ourselves()).unwrap_err();
        assert_eq!(failure.to_string(), "sh failed (exit status: 3): no room");
    }
}
