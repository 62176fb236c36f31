//! Starting, stopping and looking at the server of one data folder.
//!
//! Never signals a process that isn't proven to be the server of that very folder.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, Stdio},
    time::{Duration, Instant},
};

use opsctl_core::{Failure, FailureKind, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::{
    account::Account,
    binaries::Binaries,
    durable::{self, At},
    layout::ClusterFolder,
    server_state::{ServerState, is_server_of, state},
};

/// How often a server is looked at while it starts or stops.
const POLL: Duration = Duration::from_millis(5);

/// How long a stop may take before it is a failure.
const STOP_LIMIT: Duration = Duration::from_secs(120);

/// Whether a server outlives opsctl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// It goes on until it is stopped.
    Detached,
    /// It ends when the returned leash is dropped or opsctl dies.
    Leashed,
}

/// How to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// End sessions, write a checkpoint.
    Fast,
    /// At once; the next start recovers.
    Immediate,
}

/// Keeps a leashed server alive.
#[derive(Debug)]
pub struct Leash {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.shell.wait();
    }
}

const DETACHED: &str = r#"umask 077; log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo "$!""#;

const LEASHED: &str = r#"
umask 077; log=$1; shift
"$@" </dev/null >>"$log" 2>&1 &
server=$!
echo "$server"
read -r word
kill -INT "$server" 2>/dev/null
wait "$server"
"#;

/// Starts the server and waits until it takes connections, reading ones at least.
///
/// # Errors
/// With the server's own last words when it doesn't come up within `limit`.
pub async fn start(
    account: &Account,
    binaries: &Binaries,
    folder: &ClusterFolder,
    lifetime: Lifetime,
    limit: Duration,
) -> Result<Option<Leash>> {
    if state(&folder.data()) != ServerState::Stopped {
        return Err(Failure::failed(format!(
            "the server in {} runs already",
            folder.path().display()
        )));
    }
    prepare(account, folder)?;
    let logged = fs::metadata(folder.log()).map_or(0, |found| found.len());
    let (pid, leash) = launch(account, binaries, folder, lifetime)?;
    wait_until_up(folder, pid, logged, Instant::now() + limit).await?;
    Ok(leash)
}

fn prepare(account: &Account, folder: &ClusterFolder) -> Result<()> {
    account.create_folder(&folder.path().join("run"))?;
    account.create_folder(&folder.socket_folder())?;
    let log = folder.log();
    // A log that nobody rotates would fill the disk some day.
    if fs::metadata(&log).is_ok_and(|found| found.len() > 16 << 20) {
        fs::rename(&log, log.with_extension("log.1")).at("rotate", &log)?;
    }
    Ok(())
}

fn launch(
    account: &Account,
    binaries: &Binaries,
    folder: &ClusterFolder,
    lifetime: Lifetime,
) -> Result<(u32, Option<Leash>)> {
    let script = match lifetime {
        Lifetime::Detached => DETACHED,
        Lifetime::Leashed => LEASHED,
    };
    let program = binaries.program("postgres");
    let mut shell = account
        .command(Path::new("/bin/sh"))
        .args(["-c", script, "opsctl-server"])
        .arg(folder.log())
        .arg(&program)
        .arg("-D")
        .arg(folder.data())
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .at("run", &program)?;
    let mut line = String::new();
    if let Some(stdout) = shell.stdout.take() {
        BufReader::new(stdout)
            .read_line(&mut line)
            .at("start", &program)?;
    }
    let pid = line
        .trim()
        .parse()
        .map_err(|_| Failure::failed(format!("{} can't be started", program.display())))?;
    let pipe = shell.stdin.take();
    let mut leash = Leash { shell, pipe };
    if lifetime == Lifetime::Detached {
        let _ = leash.shell.wait();
        return Ok((pid, None));
    }
    Ok((pid, Some(leash)))
}

async fn wait_until_up(
    folder: &ClusterFolder,
    pid: u32,
    logged: u64,
    deadline: Instant,
) -> Result<()> {
    let data = folder.data();
    loop {
        match state(&data) {
            ServerState::Ready { pid: up } | ServerState::Standby { pid: up } if up == pid => {
                return Ok(());
            }
            _ if !is_alive(pid) => return Err(last_words(folder, logged)),
            _ if Instant::now() > deadline => {
                return Err(last_words(folder, logged).cause("it takes longer than it may"));
            }
            _ => tokio::time::sleep(POLL).await,
        }
    }
}

/// What the server logged since `logged`, as far as it explains a failure.
pub(crate) fn last_words(folder: &ClusterFolder, logged: u64) -> Failure {
    let log = fs::read(folder.log()).unwrap_or_default();
    let from = usize::try_from(logged).unwrap_or(usize::MAX).min(log.len());
    let text = String::from_utf8_lossy(&log[from..]).into_owned();
    let telling = |line: &&str| {
        [
            "FATAL:",
            "PANIC:",
            "ERROR:",
            "HINT:",
            "DETAIL:",
            "could not",
            "unrecognized",
            "invalid",
        ]
        .iter()
        .any(|word| line.contains(word))
    };
    let mut failure = Failure::failed(format!(
        "the server in {} does not start",
        folder.path().display()
    ));
    for line in text.lines().filter(telling).take(6) {
        failure = failure.cause(line.trim());
    }
    failure.hint(format!("less {}", folder.log().display()))
}

/// Whether a process of that number runs; one that ended and nobody asked after does not.
fn is_alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| !rest.trim_start().starts_with('Z'))
    })
}

/// Stops the server and waits until its first process is gone. None there is fine.
///
/// # Errors
/// When it may not be signalled or doesn't end.
pub async fn stop(data: &Path, how: Stop) -> Result<()> {
    let Some(pid) = state(data).pid() else {
        return Ok(());
    };
    signal(pid, how)?;
    let deadline = Instant::now() + STOP_LIMIT;
    while is_alive(pid) && is_server_of(pid, data) {
        if Instant::now() > deadline {
            return Err(Failure::new(
                FailureKind::Unknown,
                format!("the server in {} does not stop", data.display()),
            )
            .left(format!("process {pid} still runs")));
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// Wakes all processes of a server. The checkpointer of PostgreSQL 15 falls asleep while the server still
/// starts and then minds `archive_timeout` only after `checkpoint_timeout`: minutes of unbounded loss.
pub(crate) fn wake(pid: u32) -> Result<()> {
    send(pid, Signal::HUP)
}

/// Tells a server's first process to stop, and does not wait. `pid` must come from [`state`].
///
/// # Errors
/// When it may not be signalled.
pub fn signal(pid: u32, how: Stop) -> Result<()> {
    let signal = match how {
        Stop::Fast => Signal::INT,
        Stop::Immediate => Signal::QUIT,
    };
    send(pid, signal)
}

fn send(pid: u32, signal: Signal) -> Result<()> {
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let Some(number) = number else {
        return Err(Failure::failed(format!("{pid} is no process number")));
    };
    match kill_process(number, signal) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(Failure::failed(format!("process {pid} can't be signalled"))
            .because(std::io::Error::from(error))),
    }
}

/// Removes what a server leaves outside its cluster's folder.
pub(crate) fn remove_socket_folder(folder: &ClusterFolder) -> Result<()> {
    let socket = folder.socket_folder();
    if socket.starts_with(folder.path()) {
        return Ok(());
    }
    durable::remove_folder(&socket)
}
