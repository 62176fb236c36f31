//! Multi-AZ: a real standby, really promoted, behind an address that stays.

use std::time::Duration;

use anyhow::Result;
use testkit_aws::{Aws, Fault, Rule, Times, rds::Delays};

use crate::stage::{Database, PASSWORD, REGION, applied, available, code, created, described, rds};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_loses_no_commit_and_keeps_the_address() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let database = created(&rds, "orders", 0).await?;
    let reboot = || rds.reboot_db_instance().db_instance_identifier("orders");
    let single = reboot().force_failover(true).send().await;
    assert_eq!(code(single), "InvalidParameterCombination");
    let modify = rds.modify_db_instance().db_instance_identifier("orders");
    modify.multi_az(true).apply_immediately(true).send().await?;
    let before = applied(&aws, &rds, "orders").await?;
    assert_eq!(before.multi_az(), Some(true));
    database.execute("CREATE TABLE kept AS SELECT 1 AS n")?;
    let systems = "SELECT inet_server_port()";
    let first = database.execute(systems)?;
    aws.rds().set_delays(Delays::all(MINUTE));
    reboot().force_failover(true).send().await?;
    let down = described(&rds, "orders").await?;
    assert_eq!(down.db_instance_status(), Some("rebooting"));
    assert!(
        database.execute("SELECT 1").is_err(),
        "nobody is served meanwhile"
    );
    aws.clock().advance(MINUTE);
    let after = available(&rds, "orders").await?;
    assert_eq!(after.endpoint(), before.endpoint());
    assert_ne!(after.availability_zone(), before.availability_zone());
    assert_eq!(database.execute("SELECT n FROM kept")?, "1");
    database.execute("INSERT INTO kept VALUES (2)")?;
    assert_ne!(database.execute(systems)?, first, "another server answers");
    assert_eq!(aws.rds().troubles(), Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_reboot_restarts_the_same_server() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let database = created(&rds, "orders", 0).await?;
    let started = "SELECT pg_postmaster_start_time()";
    let before = database.execute(started)?;
    let reboot = rds.reboot_db_instance().db_instance_identifier("orders");
    reboot.send().await?;
    available(&rds, "orders").await?;
    assert_ne!(database.execute(started)?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_in_a_black_hole_takes_its_databases_with_it() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let database = created(&rds, "orders", 0).await?;
    database.execute("SELECT 1")?;
    aws.faults()
        .add(Rule::new(Fault::BlackHole, Times::Always).region(REGION));
    let waiting = database.clone();
    let silent = tokio::task::spawn_blocking(move || waiting.execute("SELECT 1"));
    let mut silent = silent;
    let early = tokio::time::timeout(Duration::from_millis(300), &mut silent).await;
    assert!(early.is_err(), "it answered: {early:?}");
    aws.faults().clear();
    assert_eq!(silent.await??, "1");
    let instance = described(&rds, "orders").await?;
    assert!(
        Database::of(&instance, PASSWORD)?
            .execute("SELECT 1")
            .is_ok()
    );
    Ok(())
}
