//! A server for a moment: whoever holds it keeps it alive, and nothing of it has to last.

use std::path::Path;

use opsctl_core::Result;

use super::account::Account;
use super::binaries::Binaries;
use super::child::{Program, Running};
use super::layout::ADMINISTRATOR;

/// A running server. Dropping it, or the death of opsctl, ends it.
#[derive(Debug)]
pub struct ServerProgram(#[expect(dead_code, reason = "held, so that it runs")] Running);

impl ServerProgram {
    /// Makes an empty cluster in `data` and runs its server with those settings. Whoever gets into the folder of its socket is let in.
    ///
    /// # Errors
    /// With the words of `initdb`.
    pub fn begin(
        account: &Account,
        binaries: &Binaries,
        data: &Path,
        settings: &[String],
    ) -> Result<Self> {
        Program::new(binaries.program("initdb"))
            .arg("--pgdata")
            .arg(data)
            .arg(format!("--username={ADMINISTRATOR}"))
            .args([
                "--encoding=UTF8",
                "--no-sync",
                "--auth=trust",
                "--locale=C.UTF-8",
            ])
            .succeed(account)?;
        let mut server = Program::new(binaries.program("postgres"))
            .arg("-D")
            .arg(data);
        for setting in settings {
            server = server.arg("-c").arg(setting);
        }
        server.start(account).map(Self)
    }
}
