//! Changes: at once, later, and not seen too early.

use std::time::Duration;

use anyhow::Result;
use testkit_aws::{Aws, rds::Delays};

use crate::stage::{
    Database, PASSWORD, REGION, applied, available, code, created, described, rds, reaches,
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_takes_the_place_of_the_old_one() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let old = created(&rds, "orders", 0).await?;
    let modify = || rds.modify_db_instance().db_instance_identifier("orders");
    let short = modify().master_user_password("short").send().await;
    assert_eq!(code(short), "InvalidParameterValue");
    aws.rds().set_delays(Delays::all(MINUTE));
    modify()
        .master_user_password("second-password")
        .send()
        .await?;
    aws.clock().advance(MINUTE);
    reaches(&rds, "orders", "resetting-master-credentials").await?;
    let instance = applied(&aws, &rds, "orders").await?;
    let new = Database::of(&instance, "second-password")?;
    assert_eq!(new.execute("SELECT 1")?, "1");
    assert!(old.execute("SELECT 1").is_err());
    let kept = aws.calls();
    let told: Vec<_> = kept
        .iter()
        .filter_map(|call| call.parameters.get("MasterUserPassword"))
        .collect();
    assert!(told.iter().all(|value| *value == "(secret)"), "{told:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_does_not_show_at_once_and_one_for_the_window_waits() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    created(&rds, "orders", 0).await?;
    aws.rds().set_delays(Delays::all(MINUTE));
    let modify = || rds.modify_db_instance().db_instance_identifier("orders");
    modify().db_instance_class("db.t4g.small").send().await?;
    let waiting = described(&rds, "orders").await?;
    assert_eq!(waiting.db_instance_class(), Some("db.t4g.micro"));
    let pending = waiting.pending_modified_values().expect("something waits");
    assert_eq!(pending.db_instance_class(), Some("db.t4g.small"));
    aws.rds().run_maintenance();
    let early = described(&rds, "orders").await?;
    assert_eq!(
        early.db_instance_status(),
        Some("available"),
        "it does not show yet"
    );
    aws.clock().advance(MINUTE);
    reaches(&rds, "orders", "modifying").await?;
    aws.clock().advance(MINUTE);
    let done = available(&rds, "orders").await?;
    assert_eq!(done.db_instance_class(), Some("db.t4g.small"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_has_another_address_and_never_takes_anothers() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let old = created(&rds, "orders", 0).await?;
    created(&rds, "other", 0).await?;
    let rename = |name| {
        let modify = rds.modify_db_instance().db_instance_identifier("orders");
        modify
            .new_db_instance_identifier(name)
            .apply_immediately(true)
            .send()
    };
    assert_eq!(code(rename("other").await), "DBInstanceAlreadyExists");
    let resource = described(&rds, "orders").await?;
    rename("orders-old").await?;
    aws.clock().advance(MINUTE);
    crate::stage::gone(&rds, "orders").await?;
    let renamed = available(&rds, "orders-old").await?;
    assert_eq!(renamed.dbi_resource_id(), resource.dbi_resource_id());
    assert!(old.execute("SELECT 1").is_err(), "the old address is gone");
    Database::of(&renamed, PASSWORD)?.execute("SELECT 1")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn more_storage_is_optimised_afterwards_and_a_full_one_says_so() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    created(&rds, "orders", 0).await?;
    assert!(
        aws.rds()
            .put_into(Aws::ACCOUNT, REGION, "orders", "storage-full")
    );
    reaches(&rds, "orders", "storage-full").await?;
    let modify = || rds.modify_db_instance().db_instance_identifier("orders");
    let less = modify().allocated_storage(10).send().await;
    assert_eq!(code(less), "InvalidParameterCombination");
    assert!(
        aws.rds()
            .put_into(Aws::ACCOUNT, REGION, "orders", "available")
    );
    let more = modify().allocated_storage(21).apply_immediately(true);
    aws.rds().set_delays(Delays::all(MINUTE));
    more.send().await?;
    aws.clock().advance(MINUTE);
    reaches(&rds, "orders", "modifying").await?;
    aws.clock().advance(MINUTE);
    let optimised = reaches(&rds, "orders", "storage-optimization").await?;
    assert_eq!(optimised.allocated_storage(), Some(22), "a tenth or more");
    applied(&aws, &rds, "orders").await?;
    Ok(())
}
