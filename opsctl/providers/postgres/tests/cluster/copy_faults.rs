//! What can happen to copies: damage, death, a full disk.

use std::time::Duration;

use anyhow::Result;
use opsctl_core::{
    names::BackupId,
    ports::{CopyState, RecoveryTarget},
};
use opsctl_postgres::cluster::{self, Lifetime, ServerState, restore::Restorer};

use crate::site::{Site, ask, numbers, restore, session_with, to_backup, to_time, until, wanted};

#[tokio::test]
async fn a_copy_that_is_half_there_can_not_start_and_is_begun_again() -> Result<()> {
    let site = Site::set_up().await?;
    site.write(1).await?;
    site.back_up("b1").await?;
    let id = BackupId::new("b1")?;
    let victim = site.local.layout.backup(&id).join("data/global/1262");
    let whole = std::fs::read(&victim)?;
    testkit::files::flip_bit(&victim, 50)?;
    let restorer = site.restorer();
    let request = wanted("copy", to_backup("b1")?)?;
    let failure = restorer
        .fetch(request.clone(), &|_, _| ())
        .await
        .unwrap_err();
    assert!(failure.what.contains("global/1262"), "{failure}");
    assert_eq!(restorer.state(&request.name)?, CopyState::Partial);
    assert!(restorer.start(&request.name).await.is_err());

    std::fs::write(&victim, whole)?;
    let copy = restore(&restorer, "copy", to_backup("b1")?).await?;
    assert_eq!(numbers(&restorer, &copy).await?, "1");
    assert_eq!(restorer.list()?.len(), 1);
    restorer.discard(&copy.name).await?;
    restorer.discard(&copy.name).await?;
    assert_eq!(restorer.state(&copy.name)?, CopyState::Absent);
    assert_eq!(std::fs::read_dir(site.local.layout.clusters())?.count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_copy_whose_server_is_killed_goes_on_where_it_was() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    for n in 0..200 {
        site.write(n).await?;
    }
    site.switch_segment().await?;
    let to = cluster::restore::window(&site.local, site.lineage)?
        .expect("no window")
        .to;
    let restorer = site.restorer();
    let request = wanted(
        "copy",
        RecoveryTarget::Time {
            base: BackupId::new("b1")?,
            to,
        },
    )?;
    restorer.fetch(request.clone(), &|_, _| ()).await?;
    // Kill it as soon as there is a process, wherever that is in its recovery.
    let clusters = site.local.layout.clusters();
    let started = restorer.clone();
    let name = request.name.clone();
    let start = tokio::spawn(async move { started.start(&name).await });
    let mut killed = 0;
    until("a server was killed or came up", async || {
        for folder in std::fs::read_dir(&clusters)?.flatten() {
            let other = folder.file_name().to_string_lossy() != site.lineage.to_string();
            let pid = cluster::state(&folder.path().join("data")).pid();
            if let (true, Some(pid)) = (other, pid) {
                std::process::Command::new("kill")
                    .args(["-9", &pid.to_string()])
                    .status()?;
                killed = pid;
            }
        }
        Ok(killed != 0 || start.is_finished())
    })
    .await?;
    assert!(start.await?.is_err(), "it was to be killed");
    until("it starts", async || {
        Ok(restorer.start(&request.name).await.is_ok())
    })
    .await?;
    let copy = restorer.start(&request.name).await?;
    let mut session = session_with(&restorer, &copy).await?;
    assert_eq!(ask(&mut session, "SELECT count(*) FROM t").await?, "200");
    Ok(())
}

#[tokio::test]
async fn a_leashed_copy_ends_with_its_restorer_and_a_detached_one_does_not() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    let data = |lineage| site.local.layout.cluster(lineage).data();
    let restorer = site.restorer();
    let copy = restore(&restorer, "leashed", to_backup("b1")?).await?;
    drop(restorer);
    assert_eq!(cluster::state(&data(copy.lineage_id)), ServerState::Stopped);
    let detached = Restorer::new(site.local.clone(), Lifetime::Detached);
    let copy = restore(&detached, "detached", to_backup("b1")?).await?;
    drop(detached);
    assert!(matches!(
        cluster::state(&data(copy.lineage_id)),
        ServerState::Ready { .. }
    ));
    Ok(())
}

#[tokio::test]
async fn a_disk_too_small_for_the_copy_is_refused_before_anything_is_copied() -> Result<()> {
    let disk = testkit::files::SmallDisk::mount(20)?;
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    // The same backups, with clusters on the small disk.
    let root = disk.path().join("postgres");
    std::fs::create_dir(&root)?;
    std::os::unix::fs::symlink(site.local.layout.backups(), root.join("backups"))?;
    let mut local = site.local.clone();
    local.layout = cluster::Layout::new(&root);
    let restorer = Restorer::new(local, Lifetime::Leashed);
    let request = wanted("copy", to_backup("b1")?)?;
    let failure = restorer
        .fetch(request.clone(), &|_, _| ())
        .await
        .unwrap_err();
    assert!(failure.what.contains("too small"), "{failure}");
    restorer.discard(&request.name).await?;
    assert_eq!(restorer.state(&request.name)?, CopyState::Absent);
    Ok(())
}

#[tokio::test]
async fn nothing_waits_for_ever() -> Result<()> {
    // A copy whose target lies past its log ends instead of waiting: here the log is taken away after the
    // files were put in place.
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    site.write(1).await?;
    let target = site.clock().await?;
    site.write(2).await?;
    site.switch_segment().await?;
    let restorer = site.restorer();
    let request = wanted("copy", to_time("b1", target.plus(Duration::ZERO))?)?;
    restorer.fetch(request.clone(), &|_, _| ()).await?;
    let lineage = std::fs::read_dir(site.local.layout.clusters())?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .find(|name| *name != site.lineage.to_string())
        .expect("no copy");
    let log = site
        .local
        .layout
        .clusters()
        .join(lineage)
        .join("data/pg_wal");
    let newest = std::fs::read_dir(&log)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .max()
        .expect("no log");
    std::fs::remove_file(newest)?;
    let failure = restorer.start(&request.name).await.unwrap_err();
    assert!(!failure.causes.is_empty(), "{failure}");
    Ok(())
}
