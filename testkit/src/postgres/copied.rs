//! Servers that begin on the files of another, as those of a managed service do: restored, recovered to a point in time, or
//! following.

use std::{
    fmt::Write,
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{BaseBackup, Postgres, Recovery, backup::copy_folder};

/// How long a server may take to notice a change of its access rules.
const NOTICE_LIMIT: Duration = Duration::from_secs(10);
/// The settings that the server itself writes, and reads last.
const OWN_SETTINGS: &str = "postgresql.auto.conf";

impl Postgres {
    /// A server that begins on a backup; none of the settings that stood in it is kept but those given here.
    ///
    /// # Errors
    /// When it can't be copied or doesn't come up: log that is missing, a moment that was never reached.
    pub fn start_on(
        backup: &BaseBackup,
        settings: &[(&str, &str)],
        recovery: &Recovery<'_>,
    ) -> Result<Self> {
        let mut server = Self::prepare(settings)?;
        server.administered_by(backup.administrator());
        copy_folder(server.account(), backup.folder(), &server.data_dir())?;
        server.write_settings(&recovery_settings(recovery))?;
        if matches!(recovery, Recovery::ThroughLog { .. }) {
            server.write("recovery.signal", "")?;
        }
        server.begin_on_copy()?;
        Ok(server)
    }

    /// A server that follows another by streaming: copied from `primary`, it asks for what is new at `port`.
    ///
    /// # Errors
    /// When it can't be copied or doesn't come up.
    pub fn start_following(
        primary: &Self,
        settings: &[(&str, &str)],
        port: u16,
        name: &str,
    ) -> Result<Self> {
        let mut server = Self::prepare(settings)?;
        let administrator = primary.administrator();
        server.administered_by(administrator);
        primary.copy_to(&server.data_dir())?;
        let way =
            format!("host=127.0.0.1 port={port} user={administrator} application_name={name}");
        server.write_settings(&[("primary_conninfo", way)])?;
        server.write("standby.signal", "")?;
        server.begin_on_copy()?;
        Ok(server)
    }

    /// Gives the administrator another name; everybody else, the old name too, needs a password from now on.
    ///
    /// # Errors
    /// When the server refuses, or doesn't let the new one in.
    pub fn rename_administrator(&mut self, name: &str) -> Result<()> {
        let access = format!(
            "host all {name} 127.0.0.1/32 trust\nhost replication {name} 127.0.0.1/32 trust\n\
             host all all 127.0.0.1/32 scram-sha-256\n"
        );
        self.write("pg_hba.conf", &access)?;
        // In one session: the old name lets nobody in afterwards.
        let rename = format!(
            "UPDATE pg_authid SET rolname = '{name}' WHERE oid = 10; SELECT pg_reload_conf()"
        );
        self.execute("postgres", &rename)?;
        self.administered_by(name);
        let deadline = Instant::now() + NOTICE_LIMIT;
        while let Err(error) = self.execute("postgres", "SELECT 1") {
            anyhow::ensure!(Instant::now() < deadline, "{error:#}");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Writes the settings that the server reads last, in place of those that stood there; takes effect with
    /// [`Postgres::reload`] or the next start.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn write_settings(&self, settings: &[(&str, String)]) -> Result<()> {
        let mut text = String::new();
        for (name, value) in settings {
            let value = value.replace('\'', "''");
            writeln!(text, "{name} = '{value}'")?;
        }
        self.write(OWN_SETTINGS, &text)
    }

    /// Makes the server read its settings again.
    ///
    /// # Errors
    /// When it does not run.
    pub fn reload(&self) -> Result<()> {
        self.execute("postgres", "SELECT pg_reload_conf()")
            .map(drop)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.data_dir().join(name);
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        self.account().own(&path)
    }
}

fn recovery_settings(recovery: &Recovery<'_>) -> Vec<(&'static str, String)> {
    let Recovery::ThroughLog { archive, until } = recovery else {
        return Vec::new();
    };
    let fetch = format!("cp {}/%f %p", archive.display());
    // Without hot standby, whoever connects finds it recovered.
    let mut settings = vec![
        ("restore_command", fetch),
        ("hot_standby", "off".to_owned()),
    ];
    if let Some(until) = until {
        settings.push(("recovery_target_time", (*until).to_owned()));
        settings.push(("recovery_target_action", "promote".to_owned()));
    }
    settings
}
