//! Restored copies: fetched, quarantined, adopted, discarded.

use anyhow::{Context, Result};
use opsctl_core::FailureKind;
use opsctl_core::clock::Timestamp;
use opsctl_core::names::{BackupId, ScratchName};
use opsctl_core::ports::{Backups, Copies, CopyState, DatabaseRole, Effects, RecoveryTarget};
use opsctl_simulation::Grant;
use opsctl_sqlite::connect;

use crate::site::{Site, app, count, fetch, open};

#[tokio::test]
async fn a_copy_holds_what_the_backup_held_and_is_nobody_s_database() -> Result<()> {
    let site = Site::new().await?;
    let record = site.back_up("b1").await?;
    site.add_people(2).await?;
    let copy = site.restore("b1", "drill-1").await?;
    assert_eq!(count(&copy.location, "users").await?, 3);
    assert_eq!(copy.recovered_to, record.recovery_point.taken_at);
    let identity = open(&copy.location)
        .await?
        .identity()
        .await?
        .context("no identity")?;
    assert_eq!(identity.lineage_id, copy.lineage_id);
    assert_ne!(identity.lineage_id, site.identity.lineage_id);
    assert_eq!(identity.role, DatabaseRole::Scratch);
    assert_eq!(identity.effects, Effects::Held);
    assert_eq!(site.restore("b1", "drill-1").await?, copy);
    Ok(())
}

#[tokio::test]
async fn a_copy_has_the_journal_of_its_source_and_a_search_that_works() -> Result<()> {
    let site = Site::new().await?;
    for (title, keep) in [("gone", false), ("lighthouse", true), ("harbour", true)] {
        sqlx::query(
            "INSERT INTO posts (user_id, title, content) SELECT id, ?1, 'x' FROM users LIMIT 1",
        )
        .bind(title)
        .execute(&site.app)
        .await?;
        if !keep {
            sqlx::query("DELETE FROM posts WHERE title = ?1")
                .bind(title)
                .execute(&site.app)
                .await?;
        }
    }
    site.back_up("b1").await?;
    let copy = site.restore("b1", "drill-1").await?;
    let pool = connect::pool(&copy.location).await?;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&pool)
        .await?;
    assert_eq!(mode, "wal");
    let title: String = sqlx::query_scalar(
        "SELECT posts.title FROM posts_search JOIN posts ON posts.rowid = posts_search.rowid \
         WHERE posts_search MATCH 'lighthouse'",
    )
    .fetch_one(&pool)
    .await?;
    assert_eq!(title, "lighthouse");
    sqlx::query("INSERT INTO posts_search (posts_search, rank) VALUES ('integrity-check', 1)")
        .execute(&pool)
        .await?;
    Ok(())
}

#[tokio::test]
async fn the_same_backup_restores_to_the_same_content_every_time() -> Result<()> {
    let site = Site::new().await?;
    site.back_up("b1").await?;
    let mut dumps = Vec::new();
    for name in ["drill-1", "drill-2"] {
        let copy = site.restore("b1", name).await?;
        let pool = connect::pool(&copy.location).await?;
        let rows: Vec<(i64, String, String, String)> =
            sqlx::query_as("SELECT rowid, id, email, updated_at FROM users ORDER BY rowid")
                .fetch_all(&pool)
                .await?;
        let schema: Vec<(String, Option<String>)> =
            sqlx::query_as("SELECT name, sql FROM sqlite_schema ORDER BY rowid")
                .fetch_all(&pool)
                .await?;
        dumps.push((rows, schema));
        site.add_people(1).await?;
    }
    assert_eq!(dumps[0], dumps[1]);
    Ok(())
}

#[tokio::test]
async fn a_damaged_backup_is_refused_by_name_and_leaves_no_database() -> Result<()> {
    let site = Site::new().await?;
    site.back_up("b1").await?;
    let path = site.backup_file("b1", "app.sqlite3")?;
    testkit::files::flip_bit(&path, 5000)?;
    let (copies, grant) = (site.copies(), Grant::new("drill-1").await);
    let failure = fetch(&copies, &grant, "b1", "drill-1").await.unwrap_err();
    assert!(failure.to_string().contains("app.sqlite3"), "{failure}");
    let name = ScratchName::new("drill-1")?;
    assert_eq!(copies.state(&name).await?, CopyState::Partial);
    assert!(
        copies
            .start(&grant.permit(), &name, &grant.progress())
            .await
            .is_err()
    );
    testkit::files::flip_bit(&path, 5000)?;
    fetch(&copies, &grant, "b1", "drill-1").await?;
    assert_eq!(copies.state(&name).await?, CopyState::Fetched);
    Ok(())
}

#[tokio::test]
async fn a_point_in_time_is_refused_before_anything_is_restored() -> Result<()> {
    let site = Site::new().await?;
    let record = site.back_up("b1").await?;
    let (copies, grant) = (site.copies(), Grant::new("restore-1").await);
    let (name, to) = (ScratchName::new("restore-1")?, record.completed_at);
    let target = RecoveryTarget::Time {
        base: record.id,
        to,
    };
    let refused = copies
        .fetch(&grant.permit(), &name, &target, to, &grant.progress())
        .await
        .unwrap_err();
    assert_eq!(refused.kind, FailureKind::Usage);
    assert_eq!(copies.state(&name).await?, CopyState::Absent);
    assert_eq!(site.backups().window().await?, None);
    Ok(())
}

#[tokio::test]
async fn a_copy_that_serves_can_t_be_discarded_until_it_is_disowned() -> Result<()> {
    let site = Site::new().await?;
    site.back_up("b1").await?;
    let copy = site.restore("b1", "restore-1").await?;
    let (copies, grant) = (site.copies(), Grant::new("restore-1").await);
    let serving = app(&connect::file(&copy.location)?).await?;
    let location = copies.adopt(&grant.permit(), &copy.name).await?;
    assert_eq!(
        location, copy.location,
        "a file moved under an open connection"
    );
    assert_eq!(copies.list().await?, vec![]);
    let refused = copies.discard(&grant.permit(), &copy.name).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::Refused);
    serving.close().await;
    copies.disown(&grant.permit(), &copy.name).await?;
    copies.discard(&grant.permit(), &copy.name).await?;
    copies.discard(&grant.permit(), &copy.name).await?;
    assert_eq!(copies.state(&copy.name).await?, CopyState::Absent);
    assert!(!connect::file(&copy.location)?.exists());
    Ok(())
}

#[tokio::test]
async fn a_primary_database_is_never_discarded_whatever_its_marker_says() -> Result<()> {
    let site = Site::new().await?;
    site.back_up("b1").await?;
    let copy = site.restore("b1", "restore-1").await?;
    let (copies, grant) = (site.copies(), Grant::new("restore-1").await);
    let database = open(&copy.location).await?;
    let mut identity = database.identity().await?.context("no identity")?;
    identity.role = DatabaseRole::Primary;
    database.set_identity(&grant.permit(), &identity).await?;
    let refused = copies.discard(&grant.permit(), &copy.name).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::Refused);
    assert_eq!(count(&copy.location, "users").await?, 3);
    Ok(())
}

#[tokio::test]
async fn every_copy_has_an_owner_and_an_expiry() -> Result<()> {
    let site = Site::new().await?;
    site.back_up("b1").await?;
    site.restore("b1", "drill-2").await?;
    let grant = Grant::new("drill-1").await;
    fetch(&site.copies(), &grant, "b1", "drill-1").await?;
    let listed = site.copies().list().await?;
    let names: Vec<_> = listed
        .iter()
        .map(|(name, owner, _)| (name.as_str(), owner.as_str()))
        .collect();
    assert_eq!(names, [("drill-1", "drill-1"), ("drill-2", "drill-2")]);
    assert_eq!(listed[0].2, Timestamp::parse("2100-01-01T00:00:00Z")?);
    Ok(())
}

#[tokio::test]
async fn chilling_says_what_was_done() -> Result<()> {
    let site = Site::new().await?;
    site.back_up("b1").await?;
    let target = RecoveryTarget::Backup {
        id: BackupId::new("b1")?,
    };
    let (grant, name) = (Grant::new("drill-1").await, ScratchName::new("drill-1")?);
    let copies = site.copies();
    let told = copies.chill(&grant.permit(), &name, &target).await?;
    assert!(
        told.contains("DONTNEED") && told.contains("the backup"),
        "{told}"
    );
    site.restore("b1", "drill-1").await?;
    let told = copies.chill(&grant.permit(), &name, &target).await?;
    assert!(told.contains("the copy"), "{told}");
    Ok(())
}
