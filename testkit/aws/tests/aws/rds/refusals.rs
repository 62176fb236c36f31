//! What is refused, under the codes that go over the wire.

use anyhow::Result;
use testkit_aws::{Aws, rds::Quotas};

use crate::stage::{PASSWORD, REGION, code, create, created, rds};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_by_the_codes_of_the_wire() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let instance = rds.describe_db_instances().db_instance_identifier("none");
    assert_eq!(code(instance.send().await), "DBInstanceNotFound");
    let snapshot = rds.describe_db_snapshots().db_snapshot_identifier("none");
    assert_eq!(code(snapshot.send().await), "DBSnapshotNotFound");
    let restore = rds.restore_db_instance_from_db_snapshot();
    let restore = restore
        .db_instance_identifier("copy")
        .db_snapshot_identifier("none");
    assert_eq!(code(restore.send().await), "DBSnapshotNotFound");
    let new = |name| {
        let create = rds.create_db_instance().db_instance_identifier(name);
        let create = create.db_instance_class("db.t4g.micro").engine("postgres");
        let create = create.allocated_storage(20).master_username("postgres");
        create.master_user_password(PASSWORD)
    };
    let group = new("a").db_parameter_group_name("none").send().await;
    assert_eq!(code(group), "DBParameterGroupNotFound");
    let subnets = new("a").db_subnet_group_name("none").send().await;
    assert_eq!(code(subnets), "DBSubnetGroupNotFoundFault");
    let version = new("a").engine_version("9.6").send().await;
    assert_eq!(code(version), "InvalidParameterCombination");
    assert_eq!(code(new("a--b").send().await), "InvalidParameterValue");
    let marker = rds.describe_db_instances().marker("nonsense").send().await;
    assert_eq!(code(marker), "InvalidParameterValue");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_taken_once_and_states_and_quotas_are_kept() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    create(&rds, "orders", 0).await?;
    let snapshot = || {
        let create = rds.create_db_snapshot().db_instance_identifier("orders");
        create.db_snapshot_identifier("before").send()
    };
    assert_eq!(code(snapshot().await), "InvalidDBInstanceState");
    crate::stage::available(&rds, "orders").await?;
    let twice = create(&rds, "Orders", 0).await.unwrap_err();
    assert!(format!("{twice:?}").contains("DBInstanceAlreadyExists"));
    snapshot().await?;
    crate::stage::snapshot_available(&rds, "before").await?;
    crate::stage::available(&rds, "orders").await?;
    assert_eq!(code(snapshot().await), "DBSnapshotAlreadyExists");
    aws.rds().set_quotas(Quotas {
        instances: 1,
        ..Quotas::default()
    });
    let second = created(&rds, "second", 0).await.unwrap_err();
    assert!(format!("{second:?}").contains("InstanceQuotaExceeded"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_regions_do_not_see_one_another() -> Result<()> {
    let aws = Aws::start().await?;
    let ours = rds(&aws, REGION);
    create(&ours, "orders", 0).await?;
    let abroad = rds(&aws, crate::stage::ABROAD);
    let other = aws.open_account("222222222222");
    let theirs = crate::stage::rds_of(&aws, &other.keys, REGION);
    for client in [abroad, theirs] {
        let seen = client.describe_db_instances().send().await?;
        assert!(seen.db_instances().is_empty());
    }
    Ok(())
}
