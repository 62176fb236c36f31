//! Backups of a database in use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use opsctl_core::engine::StepState;
use opsctl_core::migrate;
use opsctl_core::names::BackupId;
use opsctl_core::ports::{BackupFault, Backups, Engine};
use opsctl_simulation::Grant;
use opsctl_sqlite::connect;

use crate::site::{Site, count};

#[tokio::test]
async fn a_backup_knows_what_it_holds_and_is_found_again() -> Result<()> {
    let site = Site::new().await?;
    site.beat().await?;
    let beat = site.database().await?.heartbeat().await?;
    let record = site.back_up("b1").await?;
    assert_eq!(record.recovery_point.newest_heartbeat, beat);
    assert!(Some(record.recovery_point.taken_at) >= beat);
    assert_eq!(record.schema_version, migrate::newest(Engine::Sqlite));
    assert_eq!(record.lineage_id, site.identity.lineage_id);
    assert_eq!(
        site.backups().check(&record.id).await?,
        StepState::Done(record.clone())
    );
    assert_eq!(site.backups().list().await?, (vec![record], vec![]));
    let mut files: Vec<_> = std::fs::read_dir(site.backup_file("b1", ".")?)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()?;
    files.sort();
    assert_eq!(files, ["app.sqlite3", "manifest.json", "record.json"]);
    Ok(())
}

/// Each transaction writes one post and one comment on it: a torn copy would hold one without the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_writers_is_one_moment_of_the_database() -> Result<()> {
    let site = Site::new().await?;
    let (app, over) = (site.app.clone(), Arc::new(AtomicBool::new(false)));
    let stop = Arc::clone(&over);
    let user: String = sqlx::query_scalar("SELECT id FROM users LIMIT 1")
        .fetch_one(&app)
        .await?;
    let writing = tokio::spawn(async move {
        let mut written = 0u32;
        while !stop.load(Ordering::Relaxed) {
            let post = uuid::Uuid::new_v4().to_string();
            let mut both = app.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::query("INSERT INTO posts (id, user_id, title, content) VALUES (?1, ?2, 't', ?3)")
                .bind(&post)
                .bind(&user)
                .bind("word ".repeat(50))
                .execute(&mut *both)
                .await?;
            sqlx::query("INSERT INTO comments (post_id, user_id, content) VALUES (?1, ?2, 'c')")
                .bind(&post)
                .bind(&user)
                .execute(&mut *both)
                .await?;
            both.commit().await?;
            written += 1;
        }
        anyhow::Ok(written)
    });
    let mut posts = Vec::new();
    for name in ["b1", "b2", "b3"] {
        site.back_up(name).await?;
        let copy = connect::location(&site.backup_file(name, "app.sqlite3")?);
        let found = count(&copy, "posts").await?;
        assert_eq!(found, count(&copy, "comments").await?);
        assert_eq!(count(&copy, "pragma_foreign_key_check").await?, 0);
        assert_eq!(
            count(&copy, "row_changes").await?,
            3 + 2 * found,
            "the trace of changes is of another moment"
        );
        posts.push(found);
    }
    over.store(true, Ordering::Relaxed);
    assert!(i64::from(writing.await??) >= posts[2]);
    assert!(posts.is_sorted());
    Ok(())
}

#[tokio::test]
async fn every_damage_is_named_with_its_file() -> Result<()> {
    let site = Site::new().await?;
    let damages: [(&str, &str, BackupFault); 6] = [
        ("flip", "app.sqlite3", BackupFault::Checksum),
        ("cut", "app.sqlite3", BackupFault::Size),
        ("remove", "app.sqlite3", BackupFault::Missing),
        ("flip", "manifest.json", BackupFault::Record),
        ("remove", "manifest.json", BackupFault::Missing),
        ("remove", "record.json", BackupFault::Missing),
    ];
    for (index, (damage, file, fault)) in damages.into_iter().enumerate() {
        let name = format!("b{index}");
        site.back_up(&name).await?;
        let path = site.backup_file(&name, file)?;
        let size = std::fs::metadata(&path)?.len();
        match damage {
            "flip" => testkit::files::flip_bit(&path, size / 2)?,
            "cut" => testkit::files::truncate(&path, size - 1)?,
            _ => std::fs::remove_file(&path)?,
        }
        let grant = Grant::new("verify").await;
        let findings = site
            .backups()
            .verify(&BackupId::new(&name)?, &grant.progress())
            .await?;
        assert_eq!(findings.len(), 1, "{damage} {file}");
        assert_eq!(
            (findings[0].file.as_str(), findings[0].fault),
            (file, fault)
        );
    }
    Ok(())
}

#[tokio::test]
async fn no_flipped_bit_in_a_record_goes_unnoticed() -> Result<()> {
    let site = Site::new().await?;
    let record = site.back_up("b1").await?;
    let path = site.backup_file("b1", "record.json")?;
    for offset in 0..std::fs::metadata(&path)?.len() {
        testkit::files::flip_bit(&path, offset)?;
        let (records, findings) = site.backups().list().await?;
        // White space and what JSON ignores may change: then the record is the same.
        assert!(
            findings.len() == 1 || records == vec![record.clone()],
            "byte {offset} changed what the record says"
        );
        testkit::files::flip_bit(&path, offset)?;
    }
    assert_eq!(site.backups().list().await?.1, vec![]);
    Ok(())
}

#[tokio::test]
async fn the_order_is_that_of_the_data_and_not_of_the_names() -> Result<()> {
    let site = Site::new().await?;
    for name in ["z-first", "m-second", "a-third"] {
        site.back_up(name).await?;
    }
    let (records, _) = site.backups().list().await?;
    let names: Vec<_> = records.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(names, ["z-first", "m-second", "a-third"]);
    Ok(())
}

#[tokio::test]
async fn a_deleted_backup_is_gone_and_deleting_again_is_fine() -> Result<()> {
    let site = Site::new().await?;
    let (record, grant) = (site.back_up("b1").await?, Grant::new("prune-1").await);
    for _ in 0..2 {
        site.backups().delete(&grant.permit(), &record.id).await?;
        assert_eq!(site.backups().list().await?, (vec![], vec![]));
        assert_eq!(site.backups().check(&record.id).await?, StepState::Absent);
    }
    assert_eq!(
        std::fs::read_dir(site.folder.path().join("env/backups"))?.count(),
        0
    );
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_not_the_one_configured_is_not_backed_up() -> Result<()> {
    let mut site = Site::new().await?;
    site.identity.lineage_id = opsctl_core::names::LineageId(uuid::Uuid::new_v4());
    let refused = site.back_up("b1").await.unwrap_err();
    assert!(
        refused.to_string().contains("another database"),
        "{refused}"
    );
    assert_eq!(site.backups().list().await?, (vec![], vec![]));
    Ok(())
}
