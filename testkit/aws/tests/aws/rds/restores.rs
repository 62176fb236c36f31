//! Restores from snapshots: real data, lost settings, terminal states.

use anyhow::Result;
use testkit_aws::{Aws, Fault, Rule, Times};

use crate::stage::{
    Database, PASSWORD, REGION, applied, available, code, created, described, rds, reaches,
    snapshot_available,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_holds_the_snapshots_data_and_loses_what_is_not_passed_on() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let group = rds
        .create_db_parameter_group()
        .db_parameter_group_name("ours");
    let group = group
        .db_parameter_group_family("postgres15")
        .description("ours");
    group.send().await?;
    let source = created(&rds, "orders", 3).await?;
    rds.modify_db_instance()
        .db_instance_identifier("orders")
        .deletion_protection(true)
        .db_parameter_group_name("ours")
        .vpc_security_group_ids("sg-ours")
        .apply_immediately(true)
        .send()
        .await?;
    applied(&aws, &rds, "orders").await?;
    source.execute("CREATE TABLE kept AS SELECT 1 AS n")?;
    let snapshot = rds.create_db_snapshot().db_instance_identifier("orders");
    snapshot.db_snapshot_identifier("before").send().await?;
    snapshot_available(&rds, "before").await?;
    source.execute("INSERT INTO kept VALUES (2)")?;
    rds.restore_db_instance_from_db_snapshot()
        .db_instance_identifier("copy")
        .db_snapshot_identifier("before")
        .backup_retention_period(0)
        .send()
        .await?;
    let copy = available(&rds, "copy").await?;
    assert_eq!(copy.deletion_protection(), Some(false));
    assert_eq!(copy.backup_retention_period(), Some(0));
    let groups = copy.db_parameter_groups();
    assert_eq!(
        groups[0].db_parameter_group_name(),
        Some("default.postgres15")
    );
    assert_eq!(
        copy.vpc_security_groups()[0].vpc_security_group_id(),
        Some("sg-default")
    );
    assert_eq!(copy.storage_type(), Some("gp3"));
    let source_now = described(&rds, "orders").await?;
    assert_eq!(source_now.deletion_protection(), Some(true));
    assert_ne!(copy.dbi_resource_id(), source_now.dbi_resource_id());
    let copy = Database::of(&copy, PASSWORD)?;
    assert_eq!(copy.execute("SELECT sum(n) FROM kept")?, "1");
    copy.execute("INSERT INTO kept VALUES (10)")?;
    assert_eq!(source.execute("SELECT sum(n) FROM kept")?, "3");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_ends_badly_says_so_and_only_deletion_gets_it_out() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    created(&rds, "orders", 0).await?;
    let snapshot = rds.create_db_snapshot().db_instance_identifier("orders");
    snapshot.db_snapshot_identifier("before").send().await?;
    snapshot_available(&rds, "before").await?;
    for status in [
        "incompatible-restore",
        "incompatible-network",
        "restore-error",
    ] {
        aws.rds().will_end("copy", status);
        let restore = rds.restore_db_instance_from_db_snapshot();
        let restore = restore
            .db_instance_identifier("copy")
            .db_snapshot_identifier("before");
        restore.send().await?;
        let copy = reaches(&rds, "copy", status).await?;
        assert!(Database::of(&copy, PASSWORD)?.execute("SELECT 1").is_err());
        let reboot = rds.reboot_db_instance().db_instance_identifier("copy");
        assert_eq!(code(reboot.send().await), "InvalidDBInstanceState");
        let delete = || rds.delete_db_instance().db_instance_identifier("copy");
        let last = delete().final_db_snapshot_identifier("last").send().await;
        assert_eq!(code(last), "InvalidDBInstanceState");
        delete().skip_final_snapshot(true).send().await?;
        crate::stage::gone(&rds, "copy").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_a_restore_leaves_one_instance() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    created(&rds, "orders", 0).await?;
    let snapshot = rds.create_db_snapshot().db_instance_identifier("orders");
    snapshot.db_snapshot_identifier("before").send().await?;
    snapshot_available(&rds, "before").await?;
    let lost = Rule::new(Fault::LostAnswer, Times::Next(1));
    aws.faults()
        .add(lost.action("RestoreDBInstanceFromDBSnapshot"));
    let restore = || {
        let restore = rds.restore_db_instance_from_db_snapshot();
        restore
            .db_instance_identifier("copy")
            .db_snapshot_identifier("before")
            .send()
    };
    assert!(restore().await.is_err());
    assert_eq!(code(restore().await), "DBInstanceAlreadyExists");
    available(&rds, "copy").await?;
    assert_eq!(
        rds.describe_db_instances()
            .send()
            .await?
            .db_instances()
            .len(),
        2
    );
    Ok(())
}
