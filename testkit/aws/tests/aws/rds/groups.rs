//! Parameter groups: in force at once, or with a restart, and really so.

use anyhow::Result;
use aws_sdk_rds::types::{ApplyMethod, Parameter};
use testkit_aws::Aws;

use crate::stage::{ABROAD, REGION, applied, available, code, created, described, rds};

fn parameter(name: &str, value: &str, method: ApplyMethod) -> Parameter {
    let parameter = Parameter::builder().parameter_name(name);
    parameter
        .parameter_value(value)
        .apply_method(method)
        .build()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_takes_effect_at_once_or_with_a_reboot() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let group = rds
        .create_db_parameter_group()
        .db_parameter_group_name("ours");
    let group = group
        .db_parameter_group_family("postgres15")
        .description("ours");
    group.send().await?;
    let database = created(&rds, "orders", 0).await?;
    let modify = rds.modify_db_instance().db_instance_identifier("orders");
    modify.db_parameter_group_name("ours").send().await?;
    let status = |instance: &aws_sdk_rds::types::DbInstance| {
        let group = instance.db_parameter_groups()[0].clone();
        group.parameter_apply_status().map(str::to_owned)
    };
    let pending = applied(&aws, &rds, "orders").await?;
    assert_eq!(status(&pending).as_deref(), Some("pending-reboot"));
    let reboot = async || -> Result<()> {
        rds.reboot_db_instance()
            .db_instance_identifier("orders")
            .send()
            .await?;
        available(&rds, "orders").await?;
        Ok(())
    };
    reboot().await?;
    assert_eq!(
        status(&described(&rds, "orders").await?).as_deref(),
        Some("in-sync")
    );
    let set = |parameter| {
        let modify = rds
            .modify_db_parameter_group()
            .db_parameter_group_name("ours");
        modify.parameters(parameter).send()
    };
    set(parameter("work_mem", "8192", ApplyMethod::Immediate)).await?;
    let read =
        "DO $$ BEGIN IF current_setting('work_mem') <> '8MB' THEN RAISE 'not yet'; END IF; END $$";
    database.execute_at_last(read)?;
    set(parameter(
        "max_connections",
        "50",
        ApplyMethod::PendingReboot,
    ))
    .await?;
    assert_eq!(
        status(&described(&rds, "orders").await?).as_deref(),
        Some("pending-reboot")
    );
    assert_eq!(database.execute("SHOW max_connections")?, "60");
    reboot().await?;
    assert_eq!(database.execute("SHOW max_connections")?, "50");
    let user = rds.describe_db_parameters().db_parameter_group_name("ours");
    let user = user.source("user").send().await?;
    assert_eq!(user.parameters().len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_group_cannot_do_is_refused() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let create = rds.create_db_parameter_group();
    let create = create.db_parameter_group_name("ours").description("ours");
    create
        .db_parameter_group_family("postgres15")
        .send()
        .await?;
    let set = |parameter| {
        let modify = rds.modify_db_parameter_group();
        let modify = modify.db_parameter_group_name("ours");
        modify.parameters(parameter).send()
    };
    let now = set(parameter("max_connections", "50", ApplyMethod::Immediate)).await;
    assert_eq!(code(now), "InvalidParameterCombination");
    let unknown = set(parameter("max_nonsense", "50", ApplyMethod::PendingReboot)).await;
    assert_eq!(code(unknown), "InvalidParameterValue");
    created(&rds, "orders", 0).await?;
    let modify = rds.modify_db_instance().db_instance_identifier("orders");
    modify.db_parameter_group_name("ours").send().await?;
    applied(&aws, &rds, "orders").await?;
    let delete = || {
        rds.delete_db_parameter_group()
            .db_parameter_group_name("ours")
            .send()
    };
    assert_eq!(code(delete().await), "InvalidDBParameterGroupState");
    let end = rds.delete_db_instance().db_instance_identifier("orders");
    end.skip_final_snapshot(true).send().await?;
    crate::stage::gone(&rds, "orders").await?;
    delete().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_come_in_pages_and_groups_can_be_listed() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let describe = rds.describe_db_parameters();
    let describe = describe.db_parameter_group_name("default.postgres15");
    let mut pages = describe.max_records(100).into_paginator().send();
    let (mut count, mut number) = (0, 0);
    while let Some(page) = pages.next().await {
        count += page?.parameters().len();
        number += 1;
    }
    assert!(count > 300 && number > 3, "{count} in {number} pages");
    let groups = rds.describe_db_parameter_groups().send().await?;
    let name = groups.db_parameter_groups()[0].db_parameter_group_name();
    assert_eq!(name, Some("default.postgres15"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subnet_group_is_of_one_region() -> Result<()> {
    let aws = Aws::start().await?;
    aws.rds().add_subnet_group(Aws::ACCOUNT, REGION, "private");
    let named = |region| {
        let describe = rds(&aws, region).describe_db_subnet_groups();
        describe.db_subnet_group_name("private").send()
    };
    let found = named(REGION).await?;
    let name = found.db_subnet_groups()[0].db_subnet_group_name();
    assert_eq!(name, Some("private"));
    assert_eq!(code(named(ABROAD).await), "DBSubnetGroupNotFoundFault");
    Ok(())
}
