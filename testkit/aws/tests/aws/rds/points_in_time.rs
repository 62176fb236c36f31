//! Points in time: real replay of archived log.

use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_rds::primitives::{DateTime, DateTimeFormat};
use testkit_aws::{Aws, rds::Delays};

use crate::stage::{Database, PASSWORD, REGION, applied, available, code, created, described, rds};

const SHIPPING: Duration = Duration::from_secs(5 * 60);

fn moment(text: &str) -> Result<DateTime> {
    Ok(DateTime::from_str(text, DateTimeFormat::DateTime)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_between_two_writes_holds_the_first_alone() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let source = created(&rds, "orders", 1).await?;
    source.execute("CREATE TABLE kept AS SELECT 1 AS n")?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let now =
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
    let between = source.execute(now)?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    source.execute("INSERT INTO kept VALUES (2)")?;
    let shipped = described(&rds, "orders").await?;
    let shipped = *shipped.latest_restorable_time().context("no time")?;
    assert!(
        shipped < moment(&between)?,
        "log is shipped every five minutes, no sooner"
    );
    aws.clock().advance(SHIPPING);
    let restore = |target: &str| {
        let restore = rds.restore_db_instance_to_point_in_time();
        restore
            .source_db_instance_identifier("orders")
            .target_db_instance_identifier(target)
            .backup_retention_period(0)
    };
    restore("then")
        .restore_time(moment(&between)?)
        .send()
        .await?;
    restore("latest")
        .use_latest_restorable_time(true)
        .send()
        .await?;
    let then = Database::of(&available(&rds, "then").await?, PASSWORD)?;
    assert_eq!(then.execute("SELECT sum(n) FROM kept")?, "1");
    then.execute("INSERT INTO kept VALUES (10)")?;
    let latest = Database::of(&available(&rds, "latest").await?, PASSWORD)?;
    assert_eq!(latest.execute("SELECT sum(n) FROM kept")?, "3");
    assert_eq!(aws.rds().troubles(), Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_outside_of_the_window_and_both_or_no_time_are_refused() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    created(&rds, "orders", 1).await?;
    let restore = || {
        let restore = rds.restore_db_instance_to_point_in_time();
        restore
            .source_db_instance_identifier("orders")
            .target_db_instance_identifier("copy")
    };
    let future = DateTime::from_secs(4_000_000_000);
    for wrong in [future, DateTime::from_secs(1)] {
        let answer = restore().restore_time(wrong).send().await;
        assert_eq!(code(answer), "InvalidRestoreFault");
    }
    let combination = "InvalidParameterCombination";
    assert_eq!(code(restore().send().await), combination);
    let both = restore()
        .restore_time(future)
        .use_latest_restorable_time(true);
    assert_eq!(code(both.send().await), combination);
    created(&rds, "plain", 0).await?;
    let restore = restore().source_db_instance_identifier("plain");
    let answer = restore.use_latest_restorable_time(true).send().await;
    assert_eq!(code(answer), "PointInTimeRestoreNotEnabled");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_backups_bring_a_deleted_instance_back() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let source = created(&rds, "orders", 1).await?;
    source.execute("CREATE TABLE kept AS SELECT 1 AS n")?;
    aws.clock().advance(SHIPPING);
    let resource = described(&rds, "orders").await?;
    let resource = resource.dbi_resource_id().context("no id")?.to_owned();
    let backups = || rds.describe_db_instance_automated_backups().send();
    let active = backups().await?.db_instance_automated_backups()[0].clone();
    assert_eq!(active.status(), Some("active"));
    let window = active.restore_window().context("no window")?;
    assert!(window.earliest_time() < window.latest_time());
    let delete = rds.delete_db_instance().db_instance_identifier("orders");
    let delete = delete
        .skip_final_snapshot(true)
        .delete_automated_backups(false);
    delete.send().await?;
    crate::stage::gone(&rds, "orders").await?;
    let kept = backups().await?.db_instance_automated_backups()[0].clone();
    assert_eq!(kept.status(), Some("retained"));
    rds.restore_db_instance_to_point_in_time()
        .source_dbi_resource_id(&resource)
        .target_db_instance_identifier("back")
        .use_latest_restorable_time(true)
        .send()
        .await?;
    let back = Database::of(&available(&rds, "back").await?, PASSWORD)?;
    assert_eq!(back.execute("SELECT n FROM kept")?, "1");
    let delete = rds.delete_db_instance_automated_backup();
    delete.dbi_resource_id(&resource).send().await?;
    let left = backups().await?;
    let left = left.db_instance_automated_backups().iter();
    assert!(left.filter(|it| it.status() == Some("retained")).count() == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_later_there_is_another_automated_backup() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    created(&rds, "orders", 7).await?;
    aws.rds().set_delays(Delays::all(Duration::from_secs(60)));
    aws.clock().advance(Duration::from_secs(24 * 3600 + 60));
    let backing = described(&rds, "orders").await?;
    assert_eq!(backing.db_instance_status(), Some("backing-up"));
    applied(&aws, &rds, "orders").await?;
    let automated = rds.describe_db_snapshots().snapshot_type("automated");
    let automated = automated.send().await?;
    assert_eq!(automated.db_snapshots().len(), 2);
    let name = automated.db_snapshots()[0].db_snapshot_identifier();
    let name = name.context("no name")?;
    assert!(name.starts_with("rds:orders-"), "{name}");
    let delete = rds.delete_db_snapshot().db_snapshot_identifier(name);
    assert_eq!(code(delete.send().await), "InvalidDBSnapshotState");
    Ok(())
}
