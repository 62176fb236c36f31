//! Copies of snapshots into another region.

use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_rds::Client;
use testkit_aws::{
    Aws,
    rds::{Delays, Quotas},
};

use crate::stage::{
    ABROAD, Database, PASSWORD, REGION, available, code, created, rds, snapshot_available,
};

const MINUTE: Duration = Duration::from_secs(60);
const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/ours";

async fn snapshot(rds: &Client, name: &str) -> Result<String> {
    let create = rds.create_db_snapshot().db_instance_identifier("orders");
    let taken = create.db_snapshot_identifier(name).send().await?;
    snapshot_available(rds, name).await?;
    available(rds, "orders").await?;
    let taken = taken.db_snapshot().and_then(|it| it.db_snapshot_arn());
    Ok(taken.context("no ARN")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_abroad_is_restored_there_with_its_data_and_both_of_its_dates() -> Result<()> {
    let aws = Aws::start().await?;
    let (home, abroad) = (rds(&aws, REGION), rds(&aws, ABROAD));
    let source = created(&home, "orders", 0).await?;
    source.execute("CREATE TABLE kept AS SELECT 1 AS n")?;
    let arn = snapshot(&home, "before").await?;
    aws.clock().advance(MINUTE);
    let copy = abroad
        .copy_db_snapshot()
        .source_db_snapshot_identifier(&arn);
    copy.target_db_snapshot_identifier("copied").send().await?;
    snapshot_available(&abroad, "copied").await?;
    let copied = abroad.describe_db_snapshots().send().await?.db_snapshots()[0].clone();
    assert_eq!(copied.source_db_snapshot_identifier(), Some(arn.as_str()));
    assert_eq!(copied.source_region(), Some(REGION));
    assert!(copied.original_snapshot_create_time() < copied.snapshot_create_time());
    let restore = abroad.restore_db_instance_from_db_snapshot();
    let restore = restore
        .db_instance_identifier("copy")
        .db_snapshot_identifier("copied");
    restore.send().await?;
    let there = Database::of(&available(&abroad, "copy").await?, PASSWORD)?;
    assert_eq!(there.execute("SELECT n FROM kept")?, "1");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_snapshot_needs_a_key_of_the_region_it_comes_to() -> Result<()> {
    let aws = Aws::start().await?;
    let (home, abroad) = (rds(&aws, REGION), rds(&aws, ABROAD));
    let create = home.create_db_instance().db_instance_identifier("orders");
    let create = create.db_instance_class("db.t4g.micro").engine("postgres");
    let create = create.allocated_storage(20).storage_encrypted(true);
    let create = create
        .master_username("postgres")
        .master_user_password(PASSWORD);
    create.backup_retention_period(0).send().await?;
    available(&home, "orders").await?;
    let arn = snapshot(&home, "before").await?;
    let copy = || {
        let copy = abroad
            .copy_db_snapshot()
            .source_db_snapshot_identifier(&arn);
        copy.target_db_snapshot_identifier("copied")
    };
    assert_eq!(code(copy().send().await), "InvalidParameterCombination");
    let of_home = copy().kms_key_id("arn:aws:kms:eu-central-1:111111111111:key/ours");
    assert_eq!(code(of_home.send().await), "KMSKeyNotAccessibleFault");
    aws.rds()
        .deny_key("arn:aws:kms:eu-west-1:111111111111:key/lost");
    let lost = copy().kms_key_id("arn:aws:kms:eu-west-1:111111111111:key/lost");
    assert_eq!(code(lost.send().await), "KMSKeyNotAccessibleFault");
    let copied = copy().kms_key_id(KEY).send().await?;
    let copied = copied.db_snapshot().context("no snapshot")?;
    assert_eq!(copied.kms_key_id(), Some(KEY));
    assert_eq!(copied.encrypted(), Some(true));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_one_database_wait_for_one_another_without_progress() -> Result<()> {
    let aws = Aws::start().await?;
    let (home, abroad) = (rds(&aws, REGION), rds(&aws, ABROAD));
    created(&home, "orders", 0).await?;
    let arns = [snapshot(&home, "one").await?, snapshot(&home, "two").await?];
    aws.rds().set_delays(Delays::all(MINUTE));
    for (arn, name) in arns.iter().zip(["one", "two"]) {
        let copy = abroad.copy_db_snapshot().source_db_snapshot_identifier(arn);
        copy.target_db_snapshot_identifier(name).send().await?;
    }
    let progress = async || -> Result<Vec<i32>> {
        let all = abroad.describe_db_snapshots().send().await?;
        let all = all.db_snapshots().iter();
        Ok(all.filter_map(|it| it.percent_progress()).collect())
    };
    aws.clock().advance(MINUTE / 2);
    let half = progress().await?;
    assert!(half[0] >= 50 && half[1] == 0, "{half:?}");
    let cancel = abroad.delete_db_snapshot().db_snapshot_identifier("one");
    cancel.send().await?;
    abroad.describe_db_snapshots().send().await?;
    aws.clock().advance(MINUTE / 2);
    let next = progress().await?;
    assert!(next[0] >= 50, "{next:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_whose_source_goes_fails_and_quotas_are_told_apart_by_their_words() -> Result<()> {
    let aws = Aws::start().await?;
    let (home, abroad) = (rds(&aws, REGION), rds(&aws, ABROAD));
    created(&home, "orders", 0).await?;
    let arn = snapshot(&home, "before").await?;
    aws.rds().hold_copies(true);
    aws.rds().set_quotas(Quotas {
        copies_in_flight: 1,
        manual_snapshots: 2,
        ..Quotas::default()
    });
    let copy = async |name: &str| {
        let copy = abroad
            .copy_db_snapshot()
            .source_db_snapshot_identifier(&arn);
        copy.target_db_snapshot_identifier(name).send().await
    };
    copy("one").await?;
    let flying = copy("two").await.unwrap_err();
    assert!(format!("{flying:?}").contains("in-progress"), "{flying:?}");
    assert_eq!(code::<(), _>(Err(flying)), "SnapshotQuotaExceeded");
    snapshot(&home, "second").await?;
    let create = home.create_db_snapshot().db_instance_identifier("orders");
    let full = create
        .db_snapshot_identifier("third")
        .send()
        .await
        .unwrap_err();
    assert!(
        format!("{full:?}").contains("more than 2 manual"),
        "{full:?}"
    );
    let delete = home.delete_db_snapshot().db_snapshot_identifier("before");
    delete.send().await?;
    let lost = abroad.describe_db_snapshots().send().await?;
    assert_eq!(lost.db_snapshots()[0].status(), Some("failed"));
    Ok(())
}
