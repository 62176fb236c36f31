//! The real PostgreSQL behind one instance: its servers, the archive of its log, and what is done to them. Knows no state of AWS.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use testkit::{
    Postgres,
    postgres::{BaseBackup, Recovery},
};
use time::OffsetDateTime;

use super::ground::{Archive, Ground};
use crate::clock::Moment;

/// Amazon's own superuser; the master user is none.
const ADMINISTRATOR: &str = "rdsadmin";
/// How the standby of a Multi-AZ instance is called by its primary.
const STANDBY: &str = "multi_az";
/// The database that every server of tests has.
const FIRST: &str = "app";
/// How a read replica is called by its source.
const REPLICA: &str = "read_replica";
/// How long the archiver may take for one segment.
const ARCHIVE_LIMIT: Duration = Duration::from_secs(30);

const SETTINGS: [(&str, &str); 6] = [
    ("archive_mode", "on"),
    ("wal_level", "replica"),
    // Without slots, this much log waits for a replica.
    ("wal_keep_size", "256MB"),
    ("wal_retrieve_retry_interval", "200ms"),
    ("wal_receiver_timeout", "5s"),
    ("track_commit_timestamp", "on"),
];

/// What a master user may make or set on AWS and no plain user here: it is there, or granted, from the beginning.
const EXTENSIONS: &str = "CREATE EXTENSION amcheck SCHEMA pg_catalog; \
     GRANT EXECUTE ON FUNCTION bt_index_check(regclass), bt_index_check(regclass, boolean), \
     verify_heapam TO rds_superuser; GRANT SET ON PARAMETER session_replication_role TO rds_superuser";

/// Whether the log is kept for points in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Archiving {
    On,
    Off,
}

/// Who is created with an instance.
#[derive(Debug, Clone)]
pub(super) struct Master {
    pub name: String,
    pub password: String,
    pub database: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Cluster {
    ground: Ground,
    primary: Postgres,
    standby: Option<Postgres>,
    /// The port of whom it follows.
    follows: Option<u16>,
    archive: Arc<Archive>,
    archiving: Archiving,
    parameters: BTreeMap<String, String>,
}

impl Cluster {
    /// A new database server with its master user.
    pub fn create(ground: &Ground, master: &Master) -> Result<Self> {
        let mut primary = Postgres::start_with(&SETTINGS)?;
        primary.rename_administrator(ADMINISTRATOR)?;
        let (name, password) = (identifier(&master.name), literal(&master.password));
        let database = master.database.as_deref().unwrap_or("postgres");
        let database = identifier(database);
        // The servers of tests come with a database of their own.
        let renamed = match master.database.as_deref() {
            None | Some(FIRST) => String::new(),
            Some(_) => format!("ALTER DATABASE {FIRST} RENAME TO {database};"),
        };
        let sql = format!(
            "CREATE ROLE rds_superuser NOLOGIN; GRANT pg_monitor, pg_signal_backend, pg_checkpoint, \
             pg_read_all_data, pg_write_all_data TO rds_superuser WITH ADMIN OPTION; \
             CREATE ROLE {name} LOGIN CREATEDB CREATEROLE PASSWORD {password} IN ROLE rds_superuser; \
             {renamed} ALTER DATABASE {database} OWNER TO {name};"
        );
        primary.execute("postgres", &sql)?;
        if let Some(database) = &master.database {
            primary.execute(database, EXTENSIONS)?;
        }
        if master.database.is_none() {
            primary.execute("postgres", &format!("DROP DATABASE {FIRST}"))?;
        }
        Self::of(ground, primary)
    }

    /// What a snapshot held, served again.
    pub fn restore(ground: &Ground, backup: &BaseBackup) -> Result<Self> {
        let primary = Postgres::start_on(backup, &SETTINGS, &Recovery::OfTheBackup)?;
        Self::of(ground, primary)
    }

    /// A backup and the log after it, up to a moment or the end.
    pub fn recover(
        ground: &Ground,
        backup: &BaseBackup,
        log: &Archive,
        until: Option<Moment>,
    ) -> Result<Self> {
        let until = until.map(in_sql);
        let recovery = Recovery::ThroughLog {
            archive: log.folder(),
            until: until.as_deref(),
        };
        let primary = Postgres::start_on(backup, &SETTINGS, &recovery)?;
        Self::of(ground, primary)
    }

    /// A replica that follows whoever answers at `port`.
    pub fn follow(ground: &Ground, source: &Self, port: u16) -> Result<Self> {
        let primary = Postgres::start_following(&source.primary, &SETTINGS, port, REPLICA)?;
        let mut cluster = Self::of(ground, primary)?;
        cluster.follows = Some(port);
        cluster.configure()?;
        Ok(cluster)
    }

    fn of(ground: &Ground, primary: Postgres) -> Result<Self> {
        Ok(Self {
            ground: ground.clone(),
            primary,
            standby: None,
            follows: None,
            archive: Archive::new(ground)?,
            archiving: Archiving::Off,
            parameters: BTreeMap::new(),
        })
    }

    pub fn port(&self) -> u16 {
        self.primary.port()
    }

    pub fn archive(&self) -> &Arc<Archive> {
        &self.archive
    }

    pub fn back_up(&self) -> Result<BaseBackup> {
        self.primary.back_up_into(&self.ground.place("backup"))
    }

    /// Brings the log so far into the archive; the moment, by the machine's clock, that can be restored to from now on.
    pub fn ship(&self) -> Result<Moment> {
        let reached = OffsetDateTime::now_utc();
        // A commit after the moment tells a recovery that it has come past it.
        let commit = "SELECT txid_current()";
        self.primary.execute("postgres", commit)?;
        let switch = "SELECT pg_walfile_name(pg_switch_wal())";
        let segment = self.primary.execute("postgres", switch)?;
        let file = self.archive.folder().join(&segment);
        let began = Instant::now();
        while !file.exists() {
            if began.elapsed() > ARCHIVE_LIMIT {
                bail!("the archiver does not copy {segment}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(reached)
    }

    pub fn set_archiving(&mut self, archiving: Archiving) -> Result<()> {
        self.archiving = archiving;
        self.configure()
    }

    /// The parameters of a group; those that need it take effect with the next restart.
    pub fn set_parameters(&mut self, parameters: BTreeMap<String, String>) -> Result<()> {
        self.parameters = parameters;
        self.configure()
    }

    pub fn set_password(&self, user: &str, password: &str) -> Result<()> {
        let (user, password) = (identifier(user), literal(password));
        let sql = format!("ALTER ROLE {user} PASSWORD {password}");
        self.primary.execute("postgres", &sql).map(drop)
    }

    pub fn restart(&mut self) -> Result<()> {
        self.primary.stop()?;
        self.primary.start_again()
    }

    /// Ends the following; a restart as AWS does one is part of it.
    pub fn promote(&mut self) -> Result<()> {
        promote(&self.primary)?;
        self.follows = None;
        self.configure()?;
        self.restart()
    }

    /// Gives the primary a standby that every commit waits for.
    pub fn add_standby(&mut self) -> Result<()> {
        let port = self.primary.port();
        let standby = Postgres::start_following(&self.primary, &SETTINGS, port, STANDBY)?;
        self.standby = Some(standby);
        self.configure()
    }

    pub fn remove_standby(&mut self) -> Result<()> {
        let before = self.standby.take();
        let configured = self.configure();
        drop(before);
        configured
    }

    /// Kills the primary, serves from the standby, and makes a new one.
    pub fn fail_over(&mut self) -> Result<()> {
        let standby = self.standby.take().context("there is no standby")?;
        self.primary.crash()?;
        promote(&standby)?;
        self.primary = standby;
        self.configure()?;
        self.add_standby()
    }

    fn configure(&self) -> Result<()> {
        let folder = self.archive.folder().display();
        let keep = match self.archiving {
            Archiving::Off => "/bin/true".to_owned(),
            Archiving::On => format!(
                "test -f {folder}/%f || {{ cp %p {folder}/.%f && mv {folder}/.%f {folder}/%f; }}"
            ),
        };
        let mut settings = vec![("archive_command", keep)];
        if self.standby.is_some() {
            settings.push(("synchronous_standby_names", STANDBY.to_owned()));
        }
        if let Some(port) = self.follows {
            let way = format!(
                "host=127.0.0.1 port={port} user={ADMINISTRATOR} application_name={REPLICA}"
            );
            settings.push(("primary_conninfo", way));
        }
        let parameters = self.parameters.iter();
        settings.extend(parameters.map(|(name, value)| (name.as_str(), value.clone())));
        self.primary.write_settings(&settings)?;
        self.primary.reload()
    }
}

fn promote(server: &Postgres) -> Result<()> {
    let promoted = server.execute("postgres", "SELECT pg_promote(true, 60)")?;
    anyhow::ensure!(promoted == "t", "the standby is not promoted in time");
    Ok(())
}

/// As PostgreSQL writes times, with all that it can tell apart.
fn in_sql(moment: Moment) -> String {
    let form = time::macros::format_description!(
        "[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]+00"
    );
    moment.format(form).unwrap_or_default()
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
