//! The archive of the log, fed by a real server.

use anyhow::Result;
use opsctl_postgres::cluster::{
    Account,
    archive::{Inventory, SegmentName, archive_health},
};

use crate::{
    archiver::BROKEN,
    site::{Site, ask, run, until},
};

#[tokio::test]
async fn the_server_archives_its_segments_and_the_newest_commit_is_known_exactly() -> Result<()> {
    let site = Site::start().await?;
    let mut session = site.session().await?;
    run(&mut session, "CREATE TABLE t (n int)").await?;
    site.switch_segment().await?;
    run(&mut session, "INSERT INTO t VALUES (1)").await?;
    let before = ask(&mut session, "SELECT clock_timestamp() AT TIME ZONE 'UTC'").await?;
    run(&mut session, "INSERT INTO t VALUES (2)").await?;
    let after = ask(&mut session, "SELECT clock_timestamp() AT TIME ZONE 'UTC'").await?;
    site.switch_segment().await?;

    let inventory = Inventory::read(&site.local.layout.archive(site.lineage))?;
    assert!(inventory.gaps().is_empty());
    let run = inventory.run_from(inventory.segments[0]).expect("no run");
    assert_eq!(run.segments.len(), inventory.segments.len());
    let account = Account::of(site.local.layout.root())?;
    let newest = inventory
        .newest_commit(&account, &site.local.binaries, &run)?
        .expect("no commit");
    let newest = newest.latest.to_string().replace('T', " ");
    assert!(
        before < newest && newest < format!("{after}Z"),
        "{before} {newest} {after}"
    );
    Ok(())
}

#[tokio::test]
async fn archiving_that_fails_is_tried_again_until_it_works() -> Result<()> {
    let site = Site::start().await?;
    let archive = site.local.layout.archive(site.lineage);
    std::fs::write(archive.join(BROKEN), "")?;
    run(&mut site.session().await?, "CREATE TABLE t (n int)").await?;
    let name = site.ask("SELECT pg_walfile_name(pg_switch_wal())").await?;
    until("a failure is counted", async || {
        let failed = site
            .ask("SELECT failed_count > 0 FROM pg_stat_archiver")
            .await?;
        Ok(failed == "true")
    })
    .await?;
    assert!(Inventory::read(&archive)?.segments.is_empty());
    let sick = archive_health(&mut site.session().await?).await?;
    assert_eq!(sick.failing.map(|(file, _)| file).as_ref(), Some(&name));
    assert!(sick.waiting > 0);
    std::fs::remove_file(archive.join(BROKEN))?;
    let name = SegmentName::parse(&name)?;
    until("it is archived", async || {
        Ok(Inventory::read(&archive)?.segments.contains(&name))
    })
    .await?;
    until("the server says so", async || {
        let health = archive_health(&mut site.session().await?).await?;
        Ok(health.failing.is_none() && health.last_archived_at.is_some() && health.waiting == 0)
    })
    .await
}

#[tokio::test]
async fn a_full_disk_keeps_the_log_with_the_server_until_there_is_room() -> Result<()> {
    let disk = testkit::files::SmallDisk::mount(8)?;
    let site = Site::prepare()?;
    let archive = site.local.layout.archive(site.lineage);
    std::fs::create_dir_all(archive.parent().expect("it has one"))?;
    std::os::unix::fs::symlink(disk.path(), &archive)?;
    site.local.start(site.lineage).await?;
    run(&mut site.session().await?, "CREATE TABLE t (n int)").await?;
    let filler = disk.fill()?;
    let name = site.ask("SELECT pg_walfile_name(pg_switch_wal())").await?;
    until("a failure is counted", async || {
        let failed = "SELECT failed_count > 0 FROM pg_stat_archiver";
        Ok(site.ask(failed).await? == "true")
    })
    .await?;
    assert!(
        Inventory::read(&archive)?.segments.is_empty(),
        "no half of it"
    );
    let sick = archive_health(&mut site.session().await?).await?;
    assert_eq!(sick.failing.map(|(file, _)| file).as_ref(), Some(&name));
    // The database itself goes on.
    run(&mut site.session().await?, "INSERT INTO t VALUES (1)").await?;
    std::fs::remove_file(filler)?;
    let name = SegmentName::parse(&name)?;
    until("it is archived", async || {
        Ok(Inventory::read(&archive)?.segments.contains(&name))
    })
    .await?;
    site.switch_segment().await?;
    let inventory = Inventory::read(&archive)?;
    assert!(inventory.gaps().is_empty());
    let account = Account::of(site.local.layout.root())?;
    let whole = inventory.run_from(name).expect("no run");
    let newest = inventory.newest_commit(&account, &site.local.binaries, &whole)?;
    assert!(
        newest.is_some(),
        "what was written while it was full is there"
    );
    Ok(())
}

#[tokio::test]
async fn a_quiet_database_archives_what_it_has_within_the_time_that_was_set() -> Result<()> {
    let mut site = Site::prepare()?;
    site.local.archiving.timeout = std::time::Duration::from_secs(1);
    site.local.start(site.lineage).await?;
    run(&mut site.session().await?, "CREATE TABLE t (n int)").await?;
    let archive = site.local.layout.archive(site.lineage);
    until("it is archived", async || {
        Ok(!Inventory::read(&archive)?.segments.is_empty())
    })
    .await
}

#[tokio::test]
async fn a_damaged_segment_is_named_when_it_is_read() -> Result<()> {
    let site = Site::start().await?;
    run(&mut site.session().await?, "CREATE TABLE t (n int)").await?;
    let name = site.switch_segment().await?;
    let archive = site.local.layout.archive(site.lineage);
    let inventory = Inventory::read(&archive)?;
    let run = inventory
        .run_from(SegmentName::parse(&name)?)
        .expect("no run");
    let stored = archive.join(format!("{name}.zst"));
    testkit::files::flip_bit(&stored, std::fs::metadata(&stored)?.len() / 2)?;
    let account = Account::of(site.local.layout.root())?;
    let failure = inventory
        .newest_commit(&account, &site.local.binaries, &run)
        .unwrap_err();
    assert!(failure.what.contains(&name), "{failure}");
    Ok(())
}
