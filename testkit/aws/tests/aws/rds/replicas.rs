//! Read replicas: they really follow, and really stop.

use anyhow::{Context, Result};
use testkit_aws::Aws;

use crate::stage::{ABROAD, Database, PASSWORD, REGION, available, code, created, described, rds};

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_follows_until_it_is_promoted() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let source = created(&rds, "orders", 1).await?;
    source.execute("CREATE TABLE kept AS SELECT 1 AS n")?;
    let create = rds.create_db_instance_read_replica();
    let create = create.db_instance_identifier("reader");
    create
        .source_db_instance_identifier("orders")
        .send()
        .await?;
    let reader = available(&rds, "reader").await?;
    assert_eq!(
        reader.read_replica_source_db_instance_identifier(),
        Some("orders")
    );
    assert_eq!(reader.backup_retention_period(), Some(0), "backups are off");
    let listed = described(&rds, "orders").await?;
    assert_eq!(listed.read_replica_db_instance_identifiers(), ["reader"]);
    let reader = Database::of(&reader, PASSWORD)?;
    source.execute("INSERT INTO kept VALUES (2)")?;
    let arrived =
        "DO $$ BEGIN IF (SELECT count(*) FROM kept) < 2 THEN RAISE 'not yet'; END IF; END $$";
    reader.execute_at_last(arrived)?;
    assert!(
        reader.execute("INSERT INTO kept VALUES (3)").is_err(),
        "it is read-only"
    );
    let promote = |name| rds.promote_read_replica().db_instance_identifier(name);
    assert_eq!(
        code(promote("orders").send().await),
        "InvalidDBInstanceState"
    );
    promote("reader").send().await?;
    let promoted = available(&rds, "reader").await?;
    assert_eq!(promoted.read_replica_source_db_instance_identifier(), None);
    assert_eq!(promoted.backup_retention_period(), Some(1));
    reader.execute_at_last("INSERT INTO kept VALUES (3)")?;
    assert_eq!(source.execute("SELECT count(*) FROM kept")?, "2");
    assert_eq!(aws.rds().troubles(), Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_abroad_follows_by_arn_and_one_of_nothing_backed_up_is_refused() -> Result<()> {
    let aws = Aws::start().await?;
    let (home, abroad) = (rds(&aws, REGION), rds(&aws, ABROAD));
    created(&home, "plain", 0).await?;
    let create = |of: &str| {
        let create = abroad.create_db_instance_read_replica();
        create
            .db_instance_identifier("reader")
            .source_db_instance_identifier(of)
            .send()
    };
    let plain = described(&home, "plain").await?;
    let plain = plain.db_instance_arn().context("no ARN")?;
    assert_eq!(code(create(plain).await), "InvalidDBInstanceState");
    let source = created(&home, "orders", 1).await?;
    source.execute("CREATE TABLE kept AS SELECT 1 AS n")?;
    let orders = described(&home, "orders").await?;
    let orders = orders.db_instance_arn().context("no ARN")?.to_owned();
    create(&orders).await?;
    let reader = available(&abroad, "reader").await?;
    assert_eq!(
        reader.read_replica_source_db_instance_identifier(),
        Some(orders.as_str())
    );
    let reader = Database::of(&reader, PASSWORD)?;
    assert_eq!(reader.execute_at_last("SELECT n FROM kept")?, "1");
    Ok(())
}
