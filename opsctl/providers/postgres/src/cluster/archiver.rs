//! The archiving program where the server's account can get to it.
//!
//! Owns `program/` below the environment's PostgreSQL. A server that runs under another account than
//! the operator's can't run what lies in the operator's home; archiving would fail in its log alone.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use opsctl_core::{Failure, Result};

use super::{account::Account, configuration::Archiving, durable::At, layout::Layout};

/// The same archiving, by a program that the account can run: the one named, or else a copy of it,
/// made anew at every start so that it is never older than who started the server.
pub(crate) fn within_reach(
    archiving: &Archiving,
    account: &Account,
    layout: &Layout,
) -> Result<Archiving> {
    let mut archiving = archiving.clone();
    if let Some(program) = archiving.program.first_mut()
        && !account.runs(Path::new(program))
    {
        let copy = place(Path::new(program), account, &layout.programs())?;
        *program = copy.to_string_lossy().into_owned();
    }
    Ok(archiving)
}

/// Puts the program into the folder under its own name; one that is running keeps its old file.
fn place(program: &Path, account: &Account, folder: &Path) -> Result<PathBuf> {
    let name = program
        .file_name()
        .ok_or_else(|| Failure::failed(format!("{} is no program", program.display())))?;
    account.create_folder(folder)?;
    account.must_reach(&folder.join(name))?;
    let new = tempfile::Builder::new()
        .prefix(".placing-")
        .tempdir_in(folder)
        .at("create a folder in", folder)?;
    let placed = new.path().join(name);
    // The same file under a second name costs nothing; over a disk's border, or where only its
    // owner may run it, it takes a copy.
    let shared = everyone_runs(program) && fs::hard_link(program, &placed).is_ok();
    if !shared {
        fs::copy(program, &placed).at("copy", program)?;
        fs::set_permissions(&placed, Permissions::from_mode(0o755)).at("open", &placed)?;
    }
    let place = folder.join(name);
    fs::rename(&placed, &place).at("put in place", &place)?;
    Ok(place)
}

fn everyone_runs(program: &Path) -> bool {
    fs::metadata(program).is_ok_and(|found| found.mode() & 0o005 == 0o005)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;

    /// A program that lies in a folder of this mode, and what archives with it.
    fn program_in(home: &Path, mode: u32) -> Archiving {
        fs::create_dir(home).unwrap();
        let program = home.join("archive");
        fs::write(&program, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(home, Permissions::from_mode(mode)).unwrap();
        Archiving {
            program: vec![program.to_string_lossy().into_owned(), "wal".into()],
            timeout: Duration::from_secs(60),
        }
    }

    fn open_folder() -> testkit::files::TempDir {
        let folder = testkit::files::quick_tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        folder
    }

    #[test]
    fn a_program_that_the_account_can_run_stays_where_it_is() {
        let folder = open_folder();
        let layout = Layout::new(folder.path().join("postgres"));
        let archiving = program_in(&folder.path().join("home"), 0o755);
        let account = Account::of(folder.path()).unwrap();
        let reached = within_reach(&archiving, &account, &layout).unwrap();
        assert_eq!(reached, archiving);
    }

    #[test]
    fn a_program_in_a_closed_home_is_run_from_the_servers_own_folder() {
        let folder = open_folder();
        let layout = Layout::new(folder.path().join("postgres"));
        let archiving = program_in(&folder.path().join("home"), 0o700);
        let account = Account::of(folder.path()).unwrap();
        // Twice, as every start does it.
        within_reach(&archiving, &account, &layout).unwrap();
        let reached = within_reach(&archiving, &account, &layout).unwrap();
        let program = Path::new(&reached.program[0]);
        assert!(account.runs(program));
        assert_eq!(reached.program[1], "wal");
        let status = account.command(program).status().unwrap();
        assert!(status.success(), "{status}");
    }
}
