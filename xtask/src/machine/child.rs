//! Starting other programs. Their output goes straight to the terminal unless it is asked for.

use std::{
    ffi::OsStr,
    io::IsTerminal,
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

/// Set by `cargo run` for xtask itself; left in place they would make build scripts that watch them run again.
const OURS_ALONE: [&str; 9] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_AUTHORS",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

/// A cargo command.
pub fn cargo<I, S>(arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new("cargo");
    command.args(arguments);
    for name in OURS_ALONE {
        command.env_remove(name);
    }
    command
}

/// Runs to the end and fails when the program does.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", told(command)))?;
    ensure!(status.success(), "{} failed: {status}", told(command));
    Ok(())
}

/// Runs to the end, or ends the program and whatever it started when that takes longer than `limit`.
///
/// Somebody at a terminal sees what hangs and decides for themselves: there is no limit then.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    if std::io::stdin().is_terminal() {
        return run(command);
    }
    run_in_a_group(command, limit)
}

fn run_in_a_group(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", told(command)))?;
    let Some(status) = ended_within(&mut child, limit)? else {
        // Its group, so that nothing is left that holds a port or a folder.
        let group = format!("-{}", child.id());
        succeeds(Command::new("kill").args(["-KILL", "--", &group]));
        child.wait()?;
        let minutes = limit.as_secs() / 60;
        bail!(
            "{} was ended: it took longer than {minutes} minutes, and what it printed last hangs",
            told(command)
        );
    };
    ensure!(status.success(), "{} failed: {status}", told(command));
    Ok(())
}

/// How it ended, if it did in time.
fn ended_within(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() >= limit {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Runs to the end and hands back stdout.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", told(command)))?;
    ensure!(
        output.status.success(),
        "{} failed: {}\n{}",
        told(command),
        output.status,
        String::from_utf8_lossy(&output.stderr).trim_end()
    );
    Ok(output.stdout)
}

/// Whether the program starts and succeeds; what it prints is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The command as one would type it.
pub fn told(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_hangs_is_ended_with_whatever_it_started() -> Result<()> {
        let (mut reader, writer) = std::io::pipe()?;
        let mut hangs = Command::new("sh");
        hangs
            .args(["-c", "sleep 60 & echo started; wait"])
            .stdout(writer);
        let started = Instant::now();
        let ended = run_in_a_group(&mut hangs, Duration::from_secs(1));
        let told = ended.map_err(|error| error.to_string());
        assert!(told.is_err_and(|words| words.contains("it took longer than 0 minutes")));
        // The pipe ends when nobody holds it any more.
        drop(hangs);
        let mut said = String::new();
        reader.read_to_string(&mut said)?;
        assert_eq!(said, "started\n");
        assert!(started.elapsed() < Duration::from_secs(30));
        Ok(())
    }

    #[test]
    fn what_ends_in_time_is_told_as_it_ended() {
        let limit = Duration::from_secs(60);
        assert!(run_in_a_group(&mut Command::new("true"), limit).is_ok());
        let failed = run_in_a_group(&mut Command::new("false"), limit);
        assert!(failed.is_err_and(|error| error.to_string().contains("failed: exit status: 1")));
    }
}
