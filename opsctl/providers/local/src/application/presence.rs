//! Reads what the processes say of themselves; leftovers of dead ones are left out.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use opsctl_core::ports::ProcessReport;
use opsctl_core::{Failure, FailureKind, Result};

use super::process::{Living, look};

/// The version of presence files that this opsctl knows.
const VERSION: u32 = 1;

#[derive(serde::Deserialize)]
struct Presence {
    version: u32,
    #[serde(flatten)]
    report: ProcessReport,
}

/// The reports of the living processes, by their start.
pub fn living(folder: &Path, binary: &Path) -> Result<Vec<ProcessReport>> {
    let unreadable = |error: std::io::Error| {
        Failure::failed(format!(
            "can't read the presence files in '{}'",
            folder.display()
        ))
        .because(error)
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut reports = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path
            .file_name()
            .is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if hidden || path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        match fs::read(&path) {
            Ok(bytes) => reports.extend(report(&path, &bytes, binary)?),
            // It ended between the listing and the reading.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    reports.sort_by_key(|report| (report.started_at, report.process_id));
    Ok(reports)
}

/// A file that can't be read is an error: a process that nobody waits for could write on.
fn report(path: &Path, bytes: &[u8], binary: &Path) -> Result<Option<ProcessReport>> {
    let presence: Presence = serde_json::from_slice(bytes).map_err(|error| {
        Failure::new(
            FailureKind::Unknown,
            format!("the presence file '{}' can't be read", path.display()),
        )
        .because(error)
        .hint("if no application is running, delete the file")
    })?;
    if presence.version > VERSION {
        return Err(Failure::usage(format!(
            "the presence file '{}' has version {}",
            path.display(),
            presence.version
        ))
        .hint("use the opsctl that belongs to the running application"));
    }
    let alive = look(presence.report.pid, binary) == Living::Yes;
    Ok(alive.then_some(presence.report))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../../../schemas/examples/process-presence.json");

    fn with_pid(pid: u32) -> String {
        EXAMPLE.replace("4242", &pid.to_string())
    }

    fn this_program() -> std::path::PathBuf {
        std::env::current_exe().unwrap()
    }

    #[test]
    fn a_living_process_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.json"), with_pid(std::process::id())).unwrap();
        let reports = living(folder.path(), &this_program()).unwrap();
        assert_eq!(reports.len(), 1);
        assert_eq!(reports[0].generation, 7);
    }

    #[test]
    fn a_number_that_another_program_got_since_is_a_leftover() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.json"), with_pid(std::process::id())).unwrap();
        assert_eq!(
            living(folder.path(), Path::new("/bin/app")).unwrap(),
            Vec::new()
        );
    }

    #[test]
    fn a_process_that_is_gone_is_a_leftover_even_before_its_parent_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap();
        fs::write(folder.path().join("a.json"), with_pid(child.id())).unwrap();
        let sleep = Path::new("sleep");
        let begun = std::time::Instant::now();
        // Until it has become `sleep` it still is a copy of this program.
        while look(child.id(), sleep) != Living::Yes && begun.elapsed().as_secs() < 30 {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        while !living(folder.path(), sleep).unwrap().is_empty() {
            assert!(
                begun.elapsed().as_secs() < 60,
                "still counted among the living"
            );
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }

    #[test]
    fn nobody_runs_where_no_folder_is() {
        let folder = tempfile::tempdir().unwrap();
        let reports = living(&folder.path().join("none"), Path::new("app")).unwrap();
        assert_eq!(reports, Vec::new());
    }

    #[test]
    fn a_presence_that_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.json"), "{").unwrap();
        assert!(living(folder.path(), Path::new("app")).is_err());
    }
}
