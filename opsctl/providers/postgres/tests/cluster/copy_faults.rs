//! Copies where the disk, an index or the log is not as it should be.

use std::time::Duration;

use anyhow::Result;
use opsctl_core::ports::CopyState;
use opsctl_postgres::cluster::{self, Lifetime, restore::Restorer};

use crate::site::{Site, ask, restore, run, session_with, to_backup, to_time, wanted};

#[tokio::test]
async fn a_disk_too_small_for_the_copy_is_refused_before_anything_is_copied() -> Result<()> {
    let disk = match testkit::files::SmallDisk::mount(20) {
        Ok(disk) => disk,
        Err(error) => {
            anyhow::ensure!(error.to_string().contains("root"), "{error}");
            return Ok(());
        }
    };
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
async fn a_broken_index_is_found_and_a_sound_database_raises_no_alarm() -> Result<()> {
    let site = Site::set_up().await?;
    run(
        &mut site.session().await?,
        "INSERT INTO t SELECT generate_series(1, 2000)",
    )
    .await?;
    site.back_up("b1").await?;
    let restorer = site.restorer();
    let copy = restore(&restorer, "copy", to_backup("b1")?).await?;
    let local = restorer.local();
    let check = async || cluster::amcheck(local, copy.lineage_id, "app").await;
    assert_eq!(check().await?, []);

    // Rows whose index entries are missing: the index is taken for invalid while they are written.
    let mut session = session_with(&restorer, &copy).await?;
    run(
        &mut session,
        "UPDATE pg_index SET indisready = false WHERE indexrelid = 't_pkey'::regclass;
         INSERT INTO t SELECT generate_series(3000, 3010);
         UPDATE pg_index SET indisready = true WHERE indexrelid = 't_pkey'::regclass",
    )
    .await?;
    let found = check().await?;
    assert!(
        found
            .iter()
            .any(|finding| finding.object.contains("t_pkey")),
        "{found:?}"
    );
    cluster::forget_amcheck(&mut session).await?;
    assert_eq!(
        ask(
            &mut session,
            "SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'"
        )
        .await?,
        "0"
    );
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
