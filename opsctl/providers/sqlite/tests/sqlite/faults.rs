//! Deaths in the middle, full disks, folders that can't be written, things of somebody else.

use std::os::unix::fs::PermissionsExt;

use anyhow::Result;
use opsctl_core::engine::StepState;
use opsctl_core::names::{BackupId, ScratchName};
use opsctl_core::ports::{Backups, Copies, CopyState};
use opsctl_simulation::Grant;
use testkit::files::SmallDisk;

use crate::site::{Site, count, fetch};

#[tokio::test]
async fn what_a_dead_run_left_is_not_listed_and_is_cleared_by_the_next() -> Result<()> {
    let site = Site::new().await?;
    let backups = site.folder.path().join("env/backups");
    for leftover in [".partial-b1", ".partial-other", ".deleting-old"] {
        std::fs::create_dir_all(backups.join(leftover))?;
        std::fs::write(backups.join(leftover).join("app.sqlite3"), "half")?;
    }
    assert_eq!(site.backups().list().await?, (vec![], vec![]));
    let id = BackupId::new("b1")?;
    assert_eq!(site.backups().check(&id).await?, StepState::InFlight);
    site.back_up("b1").await?;
    let left: Vec<_> = std::fs::read_dir(&backups)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()?;
    assert_eq!(left, ["b1"]);
    Ok(())
}

#[tokio::test]
async fn a_name_that_is_taken_by_something_else_is_foreign() -> Result<()> {
    let site = Site::new().await?;
    std::fs::create_dir_all(site.backup_file("b1", "photos")?)?;
    let state = site.backups().check(&BackupId::new("b1")?).await?;
    assert!(matches!(state, StepState::Foreign(_)), "{state:?}");
    let scratch = site.folder.path().join("env/scratch/drill-1/photos");
    std::fs::create_dir_all(&scratch)?;
    let name = ScratchName::new("drill-1")?;
    let state = site.copies().state(&name).await?;
    assert!(matches!(state, CopyState::Foreign(_)), "{state:?}");
    let grant = Grant::new("drill-1").await;
    assert!(site.copies().discard(&grant.permit(), &name).await.is_err());
    assert!(scratch.exists());
    Ok(())
}

#[tokio::test]
async fn a_full_disk_stops_a_backup_and_gets_its_room_back() -> Result<()> {
    let disk = SmallDisk::mount(16)?;
    let site = Site::at(tempfile::tempdir()?, &disk.path().join("env")).await?;
    site.back_up("b1").await?;
    let filler = disk.fill()?;
    let failure = site.back_up("b2").await.unwrap_err();
    let failure: &opsctl_core::Failure = failure.downcast_ref().expect("a failure");
    assert!(
        failure.hints.iter().any(|hint| hint.contains("make room")),
        "{failure:?}"
    );
    let (copies, grant) = (site.copies(), Grant::new("drill-1").await);
    assert!(fetch(&copies, &grant, "b1", "drill-1").await.is_err());
    assert_eq!(site.backups().list().await?.0.len(), 1);
    std::fs::remove_file(filler)?;
    site.back_up("b2").await?;
    let copy = site.restore("b2", "drill-1").await?;
    assert_eq!(count(&copy.location, "users").await?, 3);
    site.app.close().await;
    Ok(())
}

#[tokio::test]
async fn a_folder_that_can_t_be_written_is_named() -> Result<()> {
    let site = Site::new().await?;
    site.back_up("b1").await?;
    let backups = site.folder.path().join("env/backups");
    if rustix::process::geteuid().is_root() {
        // Root writes wherever it likes; a file in the folder's place refuses even root.
        std::fs::rename(&backups, site.folder.path().join("aside"))?;
        std::fs::write(&backups, "")?;
    } else {
        std::fs::set_permissions(&backups, std::fs::Permissions::from_mode(0o500))?;
    }
    let failure = site.back_up("b2").await.unwrap_err();
    assert!(failure.to_string().contains("backups"), "{failure}");
    if !rustix::process::geteuid().is_root() {
        std::fs::set_permissions(&backups, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_copy_whose_start_was_cut_short_takes_the_same_lineage_again() -> Result<()> {
    let site = Site::new().await?;
    site.back_up("b1").await?;
    let copy = site.restore("b1", "drill-1").await?;
    // As after a death between the choice of the lineage and the file's new name.
    let file = opsctl_sqlite::connect::file(&copy.location)?;
    let fetched = site
        .folder
        .path()
        .join("env/scratch/drill-1/app.sqlite3.fetched");
    std::fs::rename(&file, &fetched)?;
    let name = ScratchName::new("drill-1")?;
    assert_eq!(site.copies().state(&name).await?, CopyState::Fetched);
    assert_eq!(site.restore("b1", "drill-1").await?, copy);
    Ok(())
}

#[tokio::test]
async fn a_discard_that_was_cut_short_is_finished_by_the_next() -> Result<()> {
    let site = Site::new().await?;
    site.back_up("b1").await?;
    let copy = site.restore("b1", "drill-1").await?;
    let scratch = site.folder.path().join("env/scratch");
    std::fs::rename(scratch.join("drill-1"), scratch.join(".deleting-drill-1"))?;
    let grant = Grant::new("drill-1").await;
    site.copies().discard(&grant.permit(), &copy.name).await?;
    assert_eq!(std::fs::read_dir(&scratch)?.count(), 0);
    Ok(())
}
