//! Taking, checking and deleting base backups.

use std::sync::{Arc, Mutex};

use anyhow::Result;
use opsctl_core::{names::BackupId, ports::BackupFault};
use opsctl_postgres::cluster::{Account, archive::Inventory, backup, restore::window};

use crate::site::{Site, numbers, restore, run, to_backup};

#[tokio::test]
async fn a_backup_knows_what_it_brings_back() -> Result<()> {
    let site = Site::set_up().await?;
    run(
        &mut site.session().await?,
        "INSERT INTO heartbeat VALUES (1, '2026-01-01T00:00:00Z', 'test')",
    )
    .await?;
    let before = site.clock().await?;
    let id = BackupId::new("b1")?;
    let told = Mutex::new(Vec::new());
    let meter = |done, total| told.lock().expect("poisoned").push((done, total));
    let known = backup::create(&site.local, site.lineage, &id, &meter)
        .await?
        .record;
    assert!(known.recovery_point.taken_at >= before);
    assert!(known.recovery_point.taken_at <= site.clock().await?);
    let heartbeat = known
        .recovery_point
        .newest_heartbeat
        .map(|beat| beat.to_string());
    assert_eq!(heartbeat.as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(known.lineage_id, site.lineage);
    assert!(known.size_bytes > 10 << 20);
    assert!(!told.lock().expect("poisoned").is_empty());
    assert!(backup::verify_files(&site.local, &id, &|_, _| ())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_backup_of_a_busy_database_holds_the_log_that_filled_up_meanwhile() -> Result<()> {
    let site = Arc::new(Site::set_up().await?);
    // A quick machine may be done before a segment is full.
    let mut number = 1;
    while segments_of_a_busy_backup(&site, &format!("b{number}")).await? < 2 {
        number += 1;
        assert!(number < 50, "no segment ever filled up");
    }
    let id = format!("b{number}");
    let found = backup::verify_files(&site.local, &BackupId::new(&id)?, &|_, _| ())?;
    assert!(found.is_empty(), "{found:?}");
    let restorer = site.restorer();
    let copy = restore(&restorer, "copy", to_backup(&id)?).await?;
    assert_ne!(numbers(&restorer, &copy).await?, "");
    Ok(())
}

/// Takes a backup while the log is switched, as fast as it is archived; how many segments it holds.
async fn segments_of_a_busy_backup(site: &Arc<Site>, id: &str) -> Result<usize> {
    let taking = std::thread::spawn({
        let (site, id) = (Arc::clone(site), id.to_owned());
        move || tokio::runtime::Runtime::new()?.block_on(site.back_up(&id))
    });
    while !taking.is_finished() {
        let next = site.ask("SELECT coalesce(max(n), 0) + 1 FROM t").await?;
        site.write(next.parse()?).await?;
        site.switch_segment().await?;
    }
    taking.join().expect("the backup panicked")?;
    let log = site
        .local
        .layout
        .backup(&BackupId::new(id)?)
        .join("data/pg_wal");
    let files = std::fs::read_dir(log)?.flatten();
    Ok(files.filter(|entry| entry.path().is_file()).count())
}

#[tokio::test]
async fn every_kind_of_damage_is_named_by_file_and_postgresql_agrees() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    let id = BackupId::new("b1")?;
    let data = site.local.layout.backup(&id).join("data");
    let account = Account::of(site.local.layout.root())?;
    let official = || backup::official_verification(&account, &site.local.binaries, &data);
    assert_eq!(official()?, None);

    testkit::files::flip_bit(&data.join("global/1262"), 100)?;
    testkit::files::truncate(&data.join("PG_VERSION"), 1)?;
    std::fs::remove_file(data.join("pg_xact/0000"))?;
    std::fs::write(data.join("stranger"), "")?;
    let wal = std::fs::read_dir(data.join("pg_wal"))?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.is_file())
        .expect("no log");
    testkit::files::flip_bit(&wal, 9_000_000)?;

    let mut found: Vec<_> = backup::verify_files(&site.local, &id, &|_, _| ())?
        .into_iter()
        .map(|finding| (finding.file, finding.fault))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let wal = wal.strip_prefix(&data)?.display().to_string();
    let mut expected = [
        ("PG_VERSION".to_owned(), BackupFault::Size),
        ("global/1262".to_owned(), BackupFault::Checksum),
        (wal, BackupFault::Checksum),
        ("pg_xact/0000".to_owned(), BackupFault::Missing),
        ("stranger".to_owned(), BackupFault::Record),
    ];
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected);
    let official = official()?.unwrap_or_default();
    for file in ["global/1262", "PG_VERSION", "pg_xact/0000"] {
        assert!(official.contains(file), "{official}");
    }
    Ok(())
}

#[tokio::test]
async fn a_record_or_manifest_that_was_edited_is_no_longer_believed() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    let id = BackupId::new("b1")?;
    let folder = site.local.layout.backup(&id);
    testkit::files::flip_bit(&folder.join("data/backup_manifest"), 2000)?;
    let found = backup::verify_files(&site.local, &id, &|_, _| ())?;
    assert_eq!(found[0].file, "backup_manifest");

    let record = folder.join("backup.json");
    let text = std::fs::read_to_string(&record)?;
    std::fs::write(
        &record,
        text.replace("\"schema_version\": null", "\"schema_version\": 9"),
    )?;
    let failure = backup::verify_files(&site.local, &id, &|_, _| ()).unwrap_err();
    assert!(failure.what.contains("backup.json is damaged"), "{failure}");
    Ok(())
}

#[tokio::test]
async fn deleting_the_oldest_backup_deletes_the_log_that_only_it_needed() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    site.write(1).await?;
    site.switch_segment().await?;
    let kept = site.back_up("b2").await?;
    site.write(2).await?;
    site.switch_segment().await?;
    let archive = site.local.layout.archive(site.lineage);
    let before = Inventory::read(&archive)?.segments;
    backup::delete(&site.local, &BackupId::new("b1")?)?;
    backup::delete(&site.local, &BackupId::new("b1")?)?;
    let after = Inventory::read(&archive)?.segments;
    assert!(after.len() < before.len(), "{before:?} {after:?}");
    let window = window(&site.local, site.lineage)?.expect("no window");
    assert_eq!(window.from, kept.recovery_point.taken_at);
    assert!(window.gaps.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_full_disk_fails_the_backup_and_leaves_nothing_behind() -> Result<()> {
    let disk = testkit::files::SmallDisk::mount(20)?;
    let site = Site::set_up().await?;
    let backups = site.local.layout.backups();
    std::os::unix::fs::symlink(disk.path(), &backups)?;
    let failure = site.back_up("b1").await.unwrap_err();
    assert!(failure.to_string().contains("No space left"), "{failure}");
    assert_eq!(std::fs::read_dir(disk.path())?.count(), 0);
    site.write(1).await?;
    Ok(())
}
