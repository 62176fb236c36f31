//! States in AWS's order, on a clock that is moved by hand.

use std::time::Duration;

use anyhow::Result;
use testkit_aws::{Aws, rds::Delays};

use crate::stage::{REGION, available, create, created, described, rds, reaches};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_new_instance_is_created_backed_up_and_available_in_that_order() -> Result<()> {
    let aws = Aws::start().await?;
    aws.rds().set_delays(Delays::all(MINUTE));
    let rds = rds(&aws, REGION);
    create(&rds, "orders", 1).await?;
    let first = described(&rds, "orders").await?;
    assert_eq!(first.db_instance_status(), Some("creating"));
    assert!(first.endpoint().is_none(), "it has no address yet");
    assert!(first.instance_create_time().is_none());
    aws.clock().advance(MINUTE);
    let second = reaches(&rds, "orders", "backing-up").await?;
    assert!(second.endpoint().is_some());
    aws.clock().advance(MINUTE);
    let third = available(&rds, "orders").await?;
    assert!(third.latest_restorable_time().is_some());
    assert_eq!(aws.rds().troubles(), Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_user_logs_in_by_password_and_is_no_superuser() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let database = created(&rds, "orders", 0).await?;
    database.execute("CREATE TABLE kept AS SELECT 1 AS n")?;
    let superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";
    assert_eq!(database.execute(superuser)?, "f");
    let instance = described(&rds, "orders").await?;
    let wrong = crate::stage::Database::of(&instance, "wrong-password")?;
    assert!(wrong.execute("SELECT 1").is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_lies_at_the_address_that_was_chosen_and_answers_there() -> Result<()> {
    let aws = Aws::start().await?;
    aws.lie_at([127, 0, 0, 2].into());
    let rds = rds(&aws, REGION);
    let database = created(&rds, "orders", 0).await?;
    assert_eq!(database.execute("SELECT 1")?, "1");
    let instance = described(&rds, "orders").await?;
    let endpoint = instance.endpoint().and_then(|it| it.address());
    assert_eq!(endpoint, Some("127.0.0.2"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_makes_progress_while_its_instance_is_backing_up() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    created(&rds, "orders", 0).await?;
    aws.rds().set_delays(Delays::all(MINUTE));
    let create = rds.create_db_snapshot().db_instance_identifier("orders");
    let taken = create.db_snapshot_identifier("before").send().await?;
    let taken = taken.db_snapshot().cloned().expect("a snapshot");
    assert_eq!(taken.status(), Some("creating"));
    assert!(taken.snapshot_create_time().is_none());
    let instance = described(&rds, "orders").await?;
    assert_eq!(instance.db_instance_status(), Some("backing-up"));
    aws.clock().advance(MINUTE / 2);
    let show = || {
        rds.describe_db_snapshots()
            .db_snapshot_identifier("before")
            .send()
    };
    let half = show().await?.db_snapshots()[0].percent_progress();
    assert!(
        half.is_some_and(|percent| (50..100).contains(&percent)),
        "{half:?}"
    );
    aws.clock().advance(MINUTE / 2);
    crate::stage::snapshot_available(&rds, "before").await?;
    let done = show().await?.db_snapshots()[0].clone();
    assert_eq!(done.percent_progress(), Some(100));
    assert!(done.snapshot_database_time().is_some());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_told_by_events() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    created(&rds, "orders", 1).await?;
    let events = rds
        .describe_events()
        .source_identifier("orders")
        .source_type(aws_sdk_rds::types::SourceType::DbInstance)
        .send()
        .await?;
    let told: Vec<_> = events
        .events()
        .iter()
        .filter_map(|it| it.message())
        .collect();
    assert_eq!(told, ["DB instance created", "Finished DB Instance backup"]);
    Ok(())
}
