//! A live database with rows in it, and copies of it.

use std::time::Duration;

use anyhow::Result;
use opsctl_core::clock::Timestamp;
use opsctl_core::integrity::{IntegrityReport, Options, examine};
use opsctl_core::ports::{Copy, Location};
use opsctl_postgres::cluster::restore::Restorer;
use opsctl_postgres::inspect::PostgresInspector;

use crate::site::{Site, restore, run, to_backup};

pub const BEAT: &str = "2026-11-23T06:00:00Z";

/// A live database and what restores copies of it.
pub struct Stage {
    pub site: Site,
    pub restorer: Restorer,
}

impl Stage {
    pub async fn set_up() -> Result<Self> {
        let site = Site::set_up().await?;
        run(&mut site.session().await?, &seed()).await?;
        let restorer = site.restorer();
        Ok(Self { site, restorer })
    }

    pub async fn live(&self, sql: &str) -> Result<()> {
        run(&mut self.site.session().await?, sql).await
    }

    /// Backs up and restores.
    pub async fn copy(&self, name: &str) -> Result<Copy> {
        self.site.back_up(name).await?;
        self.restored(name, name).await
    }

    /// Restores a backup once more.
    pub async fn restored(&self, name: &str, backup: &str) -> Result<Copy> {
        restore(&self.restorer, name, to_backup(backup)?).await
    }

    /// Where an administrator reaches the live database.
    pub fn source(&self, copy: &Copy) -> Result<Location> {
        let socket = self
            .site
            .local
            .layout
            .cluster(self.site.lineage)
            .socket_folder();
        let url = format!(
            "postgres://postgres@localhost:{}/app?host={}",
            self.site.record()?.socket_port(),
            socket.display()
        );
        Ok(Location {
            url,
            ..copy.location.clone()
        })
    }

    pub async fn examine(&self, copy: &Copy, options: &Options) -> Result<IntegrityReport> {
        let source = self.source(copy)?;
        Ok(examine(&PostgresInspector, Some(&source), copy, options).await?)
    }
}

pub fn options() -> Options {
    Options {
        source_read_limit: Duration::from_secs(300),
        sample_above_rows: 1_000_000,
        seed: 1,
        change_traces: Default::default(),
        known_fingerprints: None,
        recorded_heartbeat: Some(Timestamp::parse(BEAT).unwrap()),
    }
}

/// The counts of one table: explained, unprovable, unexplained.
pub fn counts(report: &IntegrityReport, name: &str) -> (u64, u64, u64) {
    let table = report
        .reconciliation
        .tables
        .iter()
        .find(|table| table.name == name)
        .unwrap();
    (table.explained, table.unprovable, table.unexplained)
}

pub fn uuid(kind: u32, number: u32) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

fn seed() -> String {
    format!(
        "INSERT INTO users (id, email, password_hash)
             SELECT ('00000001-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'u' || n || '@example.com', 'h'
             FROM generate_series(0, 59) n;
         INSERT INTO posts (id, user_id, title, content)
             SELECT ('00000002-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
                    ('00000001-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 't' || n, repeat('text ', 1000) || n
             FROM generate_series(0, 59) n;
         INSERT INTO comments (id, post_id, user_id, content)
             SELECT ('00000003-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
                    ('00000002-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
                    ('00000001-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'c'
             FROM generate_series(0, 59) n;
         INSERT INTO heartbeat (beat_at, writer) VALUES ('{BEAT}', 'test');
         SET ROLE app_owner;
         CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, success boolean NOT NULL);
         INSERT INTO _sqlx_migrations VALUES (1, true), (2, true), (3, true), (4, true);
         RESET ROLE;
         CREATE TABLE counted (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);
         INSERT INTO counted (v) SELECT 'v' FROM generate_series(1, 20)"
    )
}
