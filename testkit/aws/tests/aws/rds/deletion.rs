//! Ends: protected, with a last snapshot, and nothing left behind.

use anyhow::Result;
use testkit_aws::Aws;

use crate::stage::{
    Database, PASSWORD, REGION, applied, available, code, created, gone, rds, snapshot_available,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_instance_stays_and_a_last_snapshot_brings_its_data_back() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let source = created(&rds, "orders", 1).await?;
    source.execute("CREATE TABLE kept AS SELECT 1 AS n")?;
    let protect = async |protected| -> Result<()> {
        let modify = rds.modify_db_instance().db_instance_identifier("orders");
        modify.deletion_protection(protected).send().await?;
        applied(&aws, &rds, "orders").await?;
        Ok(())
    };
    protect(true).await?;
    let delete = || rds.delete_db_instance().db_instance_identifier("orders");
    let combination = "InvalidParameterCombination";
    let protected = delete().skip_final_snapshot(true).send().await;
    assert_eq!(code(protected), combination);
    protect(false).await?;
    assert_eq!(
        code(delete().send().await),
        combination,
        "neither skipped nor named"
    );
    delete().final_db_snapshot_identifier("last").send().await?;
    let again = delete().skip_final_snapshot(true).send().await;
    assert_eq!(code(again), "InvalidDBInstanceState");
    gone(&rds, "orders").await?;
    snapshot_available(&rds, "last").await?;
    let left = rds.describe_db_snapshots().send().await?;
    assert_eq!(left.db_snapshots().len(), 1, "automated ones went with it");
    let restore = rds.restore_db_instance_from_db_snapshot();
    let restore = restore
        .db_instance_identifier("back")
        .db_snapshot_identifier("last");
    restore.send().await?;
    let back = Database::of(&available(&rds, "back").await?, PASSWORD)?;
    assert_eq!(back.execute("SELECT n FROM kept")?, "1");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_stay_with_what_they_were_put_on() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    created(&rds, "orders", 0).await?;
    let arn = "arn:aws:rds:eu-central-1:111111111111:db:orders";
    let tag = |key: &str, value: &str| {
        let tag = aws_sdk_rds::types::Tag::builder();
        tag.key(key).value(value).build()
    };
    let add = || rds.add_tags_to_resource().resource_name(arn);
    add()
        .tags(tag("owner", "opsctl"))
        .tags(tag("expires", "x"))
        .send()
        .await?;
    let reserved = add().tags(tag("aws:x", "y")).send().await;
    assert_eq!(code(reserved), "InvalidParameterValue");
    let remove = rds.remove_tags_from_resource().resource_name(arn);
    remove.tag_keys("expires").send().await?;
    let list = rds
        .list_tags_for_resource()
        .resource_name(arn)
        .send()
        .await?;
    assert_eq!(list.tag_list(), [tag("owner", "opsctl")]);
    let create = rds.create_db_snapshot().db_instance_identifier("orders");
    let create = create
        .db_snapshot_identifier("before")
        .tags(tag("owner", "me"));
    let taken = create.send().await?;
    let taken = taken.db_snapshot().map(|it| it.tag_list().to_vec());
    assert_eq!(
        taken,
        Some(vec![tag("owner", "me")]),
        "the instance's are not copied"
    );
    Ok(())
}
