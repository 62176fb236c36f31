//! The program that the servers of these tests archive with: this test program itself.

use std::path::Path;

use anyhow::Result;
use opsctl_postgres::cluster::{Archiving, archive::archive_segment};

/// Whether a file of this name in the archive's folder makes archiving fail.
pub const BROKEN: &str = "archiving-is-broken";

pub fn archiving() -> Result<Archiving> {
    let program = std::env::current_exe()?;
    Ok(Archiving {
        program: vec![
            program.to_string_lossy().into_owned(),
            "--quiet".into(),
            "--exact".into(),
            "archiver::archives_what_the_server_hands_over".into(),
        ],
        // Longer than any test: segments end when a test says so.
        timeout: std::time::Duration::from_secs(3600),
    })
}

/// Run by a server with two more arguments; by itself it has nothing to do.
#[test]
fn archives_what_the_server_hands_over() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, _, _, _, archive, segment] = arguments.as_slice() {
        anyhow::ensure!(!Path::new(archive).join(BROKEN).exists(), "told to fail");
        archive_segment(Path::new(segment), Path::new(archive))?;
    }
    Ok(())
}
