//! Every kind of damage is caught and named; what is whole raises no alarm.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use opsctl_core::clock::Timestamp;
use opsctl_core::integrity::{
    Caught, Damage, DamageKind, IntegrityReport, Options, caught, examine,
};
use opsctl_core::migrate;
use opsctl_core::names::{LineageId, ScratchName};
use opsctl_core::ports::{Copy, Engine, Inspection, Inspector, Location, Reading};
use sqlx::{AssertSqlSafe, SqliteConnection};

mod choice;

use super::plant::plant;
use crate::inspect::{SqliteInspector, connect};

const BEAT: &str = "2026-11-23T06:00:00.000Z";

struct Stage {
    folder: tempfile::TempDir,
    live: SqliteConnection,
}

fn location(path: &Path) -> Location {
    let url = format!("sqlite:{}", path.display());
    Location {
        engine: Engine::Sqlite,
        url,
        password_file: None,
        password_secret: None,
    }
}

async fn run(session: &mut SqliteConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(session)
        .await
        .unwrap();
}

fn uuid(kind: u32, number: u32) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

impl Stage {
    /// A live database with the platform's schema and some rows.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("live.sqlite3");
        std::fs::write(&path, b"").unwrap();
        let mut live = connect(&location(&path)).await.unwrap();
        run(&mut live, "PRAGMA journal_mode = WAL").await;
        run(
            &mut live,
            "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, success BOOLEAN NOT NULL)",
        )
        .await;
        for migration in migrate::of(Engine::Sqlite) {
            run(&mut live, &migration.up).await;
            let version = migration.version;
            let applied = format!("INSERT INTO _sqlx_migrations VALUES ({version}, true)");
            run(&mut live, &applied).await;
        }
        let mut stage = Self { folder, live };
        stage.seed().await;
        stage
    }

    async fn seed(&mut self) {
        let mut sql = String::from("BEGIN;");
        for n in 0..40 {
            let (user, post) = (uuid(1, n), uuid(2, n));
            sql.push_str(&format!(
                "INSERT INTO users (id, email, password_hash) VALUES ('{user}', 'u{n}@example.com', 'h');
                 INSERT INTO posts (id, user_id, title, content) VALUES ('{post}', '{user}', 't{n}', 'text {n}');
                 INSERT INTO comments (id, post_id, user_id, content) VALUES ('{}', '{post}', '{user}', 'c');",
                uuid(3, n)
            ));
        }
        sql.push_str(&format!(
            "INSERT INTO heartbeat (id, beat_at, writer) VALUES (1, '{BEAT}', 'test');
             INSERT INTO database_identity (id, instance_id, lineage_id, role) VALUES (1, '{}', '{}', 'primary');
             COMMIT;",
            uuid(8, 1),
            uuid(9, 1)
        ));
        run(&mut self.live, &sql).await;
    }

    fn live(&self) -> Location {
        location(&self.folder.path().join("live.sqlite3"))
    }

    async fn copy(&mut self, name: &str) -> Copy {
        let path = self.folder.path().join(format!("{name}.sqlite3"));
        run(&mut self.live, &format!("VACUUM INTO '{}'", path.display())).await;
        let mut copy = connect(&location(&path)).await.unwrap();
        let identity = format!(
            "UPDATE database_identity SET role = 'scratch', lineage_id = '{}'",
            uuid(9, 2)
        );
        run(&mut copy, &identity).await;
        Copy {
            name: ScratchName::new(name).unwrap(),
            location: location(&path),
            lineage_id: LineageId(uuid(9, 2).parse().unwrap()),
            recovered_to: Timestamp::parse(BEAT).unwrap(),
            next_transaction_id: None,
            timeline: None,
        }
    }

    async fn examine(&self, copy: &Copy) -> IntegrityReport {
        examine(&SqliteInspector, Some(&self.live()), copy, &options())
            .await
            .unwrap()
    }

    /// What people do while the drill runs.
    async fn go_on(&mut self) {
        let (user, post) = (uuid(1, 1), uuid(2, 2));
        let sql = format!(
            "UPDATE users SET first_name = 'New' WHERE id = '{user}';
             UPDATE heartbeat SET beat_at = '2026-11-23T06:00:05.000Z';
             DELETE FROM posts WHERE id = '{post}';
             INSERT INTO posts (id, user_id, title, content) VALUES ('{}', '{user}', 'new', 'new');
             UPDATE comments SET id = '{}' WHERE id = '{}';",
            uuid(2, 500),
            uuid(3, 500),
            uuid(3, 7),
        );
        run(&mut self.live, &sql).await;
    }
}

fn options() -> Options {
    Options {
        source_read_limit: Duration::from_secs(120),
        sample_above_rows: 1_000_000,
        seed: 1,
        change_traces: Default::default(),
        known_fingerprints: None,
        recorded_heartbeat: Some(Timestamp::parse(BEAT).unwrap()),
    }
}

fn level<'a>(report: &'a IntegrityReport, name: &str) -> (&'a str, &'a str) {
    let level = report
        .integrity
        .levels
        .iter()
        .find(|level| level.name == name)
        .unwrap();
    (&level.outcome, &level.detail)
}

#[tokio::test]
async fn a_whole_copy_passes_every_level() {
    let mut stage = Stage::new().await;
    let copy = stage.copy("whole").await;
    let report = stage.examine(&copy).await;
    assert!(report.passed(), "{report:#?}");
    let differing = report
        .reconciliation
        .tables
        .iter()
        .map(|t| t.explained + t.unprovable);
    assert_eq!(differing.sum::<u64>(), 0, "{report:#?}");
}

#[tokio::test]
async fn what_changed_since_is_explained_row_by_row() {
    let mut stage = Stage::new().await;
    let copy = stage.copy("since").await;
    stage.go_on().await;
    let report = stage.examine(&copy).await;
    assert!(report.passed(), "{report:#?}");
    let explained = |name: &str| {
        let table = report
            .reconciliation
            .tables
            .iter()
            .find(|table| table.name == name)
            .unwrap();
        (table.explained, table.unprovable, table.unexplained)
    };
    assert_eq!(explained("users"), (1, 0, 0));
    // One deleted, one added.
    assert_eq!(explained("posts"), (2, 0, 0));
    // One gone with its post, one under a new key: its old one vanished and its new one appeared.
    assert_eq!(explained("comments"), (3, 0, 0));
    assert_eq!(explained("audit_log"), (2, 0, 0));
    // Nothing tells when the heartbeat changed.
    assert_eq!(explained("heartbeat"), (0, 1, 0));
}

#[tokio::test]
async fn every_kind_of_damage_is_caught_and_named() {
    let mut stage = Stage::new().await;
    for (number, kind) in DamageKind::ALL.into_iter().enumerate() {
        for seed in 0..6 {
            let copy = stage.copy(&format!("damaged-{number}-{seed}")).await;
            if seed == 5 {
                stage.go_on_once().await;
            }
            let planted = plant(&copy.location, &Damage { kind, seed }).await.unwrap();
            let planted = planted.unwrap_or_else(|| panic!("nothing to damage by {kind:?}"));
            let report = stage.examine(&copy).await;
            let outcome = caught(&planted, &report);
            assert!(
                matches!(outcome, Caught::Yes { .. }),
                "{kind:?} with seed {seed} was {outcome:?}: {planted:?} {report:#?}"
            );
        }
    }
}

impl Stage {
    async fn go_on_once(&mut self) {
        let sql = "INSERT INTO users (email, password_hash) VALUES (lower(hex(randomblob(8))) || '@x.org', 'h')";
        run(&mut self.live, sql).await;
    }
}

#[tokio::test]
async fn the_same_backup_has_the_same_fingerprint_every_time() {
    let mut stage = Stage::new().await;
    let first = stage.copy("first").await;
    let second = stage.copy("second").await;
    let known = stage.examine(&first).await.fingerprints;
    assert_eq!(known, stage.examine(&second).await.fingerprints);
    let damage = Damage {
        kind: DamageKind::RowChanged,
        seed: 3,
    };
    let planted = plant(&second.location, &damage).await.unwrap().unwrap();
    let options = Options {
        known_fingerprints: Some(known),
        ..options()
    };
    let report = examine(&SqliteInspector, None, &second, &options)
        .await
        .unwrap();
    let (outcome, detail) = level(&report, "content");
    assert_eq!(outcome, "failed");
    assert!(detail.contains(&planted.object), "{detail}");
}

#[tokio::test]
async fn without_a_source_what_needs_one_is_not_run() {
    let mut stage = Stage::new().await;
    let copy = stage.copy("alone").await;
    let report = examine(&SqliteInspector, None, &copy, &options())
        .await
        .unwrap();
    let outcomes: Vec<&str> = report
        .integrity
        .levels
        .iter()
        .map(|level| level.outcome.as_str())
        .collect();
    assert_eq!(
        outcomes,
        ["passed", "passed", "passed", "not_run"],
        "{report:#?}"
    );
    let newest = migrate::newest(Engine::Sqlite).unwrap();
    let made = format!("are as the migrations up to {newest} make them");
    assert!(level(&report, "structure").1.contains(&made), "{report:#?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_fails_at_the_engine() {
    let mut stage = Stage::new().await;
    let copy = stage.copy("torn").await;
    let path = stage.folder.path().join("torn.sqlite3");
    std::fs::write(
        path,
        b"this was a database once, and is none any more; it is long enough to see",
    )
    .unwrap();
    let report = stage.examine(&copy).await;
    assert_eq!(level(&report, "engine").0, "failed");
    assert!(!report.passed());
}

#[tokio::test]
async fn a_sampled_table_does_not_pass_and_says_what_would_be_found() {
    let mut stage = Stage::new().await;
    let copy = stage.copy("sampled").await;
    let options = Options {
        sample_above_rows: 10,
        ..options()
    };
    let report = examine(&SqliteInspector, Some(&stage.live()), &copy, &options)
        .await
        .unwrap();
    let (outcome, detail) = level(&report, "reconciliation");
    assert_eq!(outcome, "sampled");
    assert!(
        detail.contains("one damaged row is found with a probability of 0.250"),
        "{detail}"
    );
    assert!(!report.passed());
}

#[tokio::test]
async fn reading_the_live_database_ends_when_its_time_is_over() {
    let mut stage = Stage::new().await;
    let copy = stage.copy("hurried").await;
    let options = Options {
        source_read_limit: Duration::ZERO,
        ..options()
    };
    let report = examine(&SqliteInspector, Some(&stage.live()), &copy, &options)
        .await
        .unwrap();
    let (outcome, detail) = level(&report, "reconciliation");
    assert_eq!(outcome, "not_run");
    assert!(detail.contains("took longer than 0 s"), "{detail}");
}

#[tokio::test]
async fn the_live_database_is_read_in_one_snapshot() {
    let mut stage = Stage::new().await;
    let reading = Reading::Live {
        limit: Duration::from_secs(60),
    };
    let mut session = SqliteInspector.open(&stage.live(), reading).await.unwrap();
    let users = table(&mut *session, "users").await;
    let all = opsctl_core::ports::Buckets::all(16);
    let before = session.digests(&users, all).await.unwrap();
    stage.go_on().await;
    assert_eq!(before, session.digests(&users, all).await.unwrap());
    session.close().await;
}

async fn table(session: &mut dyn Inspection, name: &str) -> opsctl_core::ports::Table {
    let tables = session.tables().await.unwrap();
    tables
        .into_iter()
        .find(|table| table.name.name == name)
        .unwrap()
}

#[tokio::test]
async fn odd_names_odd_types_and_tables_without_keys_are_compared_like_any_other() {
    let mut stage = Stage::new().await;
    run(
        &mut stage.live,
        r#"CREATE TABLE "we""ird; name" ("a b" ANY, "c'd", e AS ("a b" || 'x'), f REAL);
           INSERT INTO "we""ird; name" VALUES (1, '1', 1.0), ('1', x'31', -0.0), (NULL, '', 2), (NULL, '', 2);
           CREATE TABLE "no rowid" (k TEXT, j INTEGER, v TEXT, PRIMARY KEY (k, j)) WITHOUT ROWID;
           INSERT INTO "no rowid" VALUES ('a', 1, 'x'), ('a', 2, char(0) || 'y');"#,
    )
    .await;
    let copy = stage.copy("odd").await;
    assert!(stage.examine(&copy).await.passed());
    let mut session = connect(&copy.location).await.unwrap();
    run(
        &mut session,
        r#"DELETE FROM "we""ird; name" WHERE rowid = 4"#,
    )
    .await;
    let report = stage.examine(&copy).await;
    let odd = report
        .reconciliation
        .tables
        .iter()
        .find(|t| t.name.contains("ird"))
        .unwrap();
    // No key and no trace: the loss is seen, and that nothing can prove it is said.
    assert_eq!((odd.rows, odd.unprovable), (3, 1));
}
