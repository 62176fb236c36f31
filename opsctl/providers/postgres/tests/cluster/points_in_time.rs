//! Any moment inside the window, and no moment outside it.

use std::time::Duration;

use anyhow::Result;
use opsctl_core::{FailureKind, ports::CopyState};
use opsctl_postgres::cluster::restore::window;

use crate::site::{Site, numbers, restore, to_backup, to_time, wanted};

#[tokio::test]
async fn a_restore_between_two_writes_has_the_first_and_not_the_second() -> Result<()> {
    let site = Site::set_up().await?;
    site.write(1).await?;
    site.back_up("b1").await?;
    site.write(2).await?;
    let between = site.clock().await?;
    site.write(3).await?;
    site.switch_segment().await?;
    site.write(4).await?;
    site.switch_segment().await?;
    let restorer = site.restorer();
    let copy = restore(&restorer, "pit", to_time("b1", between)?).await?;
    assert_eq!(numbers(&restorer, &copy).await?, "1,2");
    assert_eq!(copy.recovered_to, between);
    assert_eq!(copy.timeline, Some(2));

    let whole = restore(&restorer, "backup", to_backup("b1")?).await?;
    assert_eq!(numbers(&restorer, &whole).await?, "1");
    Ok(())
}

#[tokio::test]
async fn the_very_last_archived_commit_can_be_restored_and_nothing_after_it() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    site.write(1).await?;
    site.switch_segment().await?;
    site.write(2).await?;
    let found = window(&site.local, site.lineage)?.expect("no window");
    let restorer = site.restorer();
    let copy = restore(&restorer, "last", to_time("b1", found.to)?).await?;
    assert_eq!(numbers(&restorer, &copy).await?, "1");

    let after = found.to.plus(Duration::from_micros(1));
    let request = wanted("after", to_time("b1", after)?)?;
    let failure = restorer
        .fetch(request.clone(), &|_, _| ())
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(
        failure.to_string().contains(&found.to.to_string()),
        "{failure}"
    );
    assert_eq!(restorer.state(&request.name)?, CopyState::Absent);

    let before = found.from.minus(Duration::from_micros(1));
    let request = wanted("before", to_time("b1", before)?)?;
    let failure = restorer.fetch(request, &|_, _| ()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    Ok(())
}

#[tokio::test]
async fn the_window_begins_at_the_oldest_backup_and_follows_the_archive() -> Result<()> {
    let site = Site::set_up().await?;
    assert_eq!(window(&site.local, site.lineage)?, None);
    let first = site.back_up("b1").await?;
    site.write(1).await?;
    site.switch_segment().await?;
    let early = window(&site.local, site.lineage)?.expect("no window");
    site.back_up("b2").await?;
    site.write(2).await?;
    let after = site.clock().await?;
    site.switch_segment().await?;
    let late = window(&site.local, site.lineage)?.expect("no window");
    assert_eq!(late.from, first.recovery_point.taken_at);
    assert!(late.to > early.to && late.to < after);
    // Without any commit after it, the moment of the backup itself is the whole window.
    let restorer = site.restorer();
    let copy = restore(&restorer, "start", to_time("b1", early.from)?).await?;
    assert_eq!(numbers(&restorer, &copy).await?, "");
    Ok(())
}

#[tokio::test]
async fn a_missing_segment_shrinks_the_window_and_is_named() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    site.write(1).await?;
    let first = site.switch_segment().await?;
    let reachable = window(&site.local, site.lineage)?.expect("no window").to;
    site.write(2).await?;
    let lost = site.switch_segment().await?;
    site.write(3).await?;
    let late = site.clock().await?;
    site.switch_segment().await?;
    assert!(first < lost);
    let archive = site.local.layout.archive(site.lineage);
    std::fs::remove_file(archive.join(format!("{lost}.zst")))?;

    let found = window(&site.local, site.lineage)?.expect("no window");
    assert_eq!(found.to, reachable);
    assert_eq!(found.gaps.len(), 1);
    assert!(found.gaps[0].contains(&lost), "{:?}", found.gaps);
    let restorer = site.restorer();
    let request = wanted("late", to_time("b1", late)?)?;
    let failure = restorer.fetch(request, &|_, _| ()).await.unwrap_err();
    assert!(failure.to_string().contains(&lost), "{failure}");

    // A backup after the hole opens a window of its own.
    let after = site.back_up("b2").await?;
    site.write(4).await?;
    site.switch_segment().await?;
    let found = window(&site.local, site.lineage)?.expect("no window");
    assert_eq!(found.from, after.recovery_point.taken_at);
    Ok(())
}

#[tokio::test]
async fn a_damaged_segment_fails_the_restore_by_name() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    site.write(1).await?;
    let damaged = site.switch_segment().await?;
    site.write(2).await?;
    let target = site.clock().await?;
    site.write(3).await?;
    site.switch_segment().await?;
    site.write(4).await?;
    site.switch_segment().await?;
    let archive = site.local.layout.archive(site.lineage);
    testkit::files::flip_bit(&archive.join(format!("{damaged}.zst")), 400)?;
    let restorer = site.restorer();
    let request = wanted("pit", to_time("b1", target)?)?;
    let failure = restorer
        .fetch(request.clone(), &|_, _| ())
        .await
        .unwrap_err();
    assert!(failure.to_string().contains(&damaged), "{failure}");
    assert!(restorer.start(&request.name).await.is_err());
    Ok(())
}
