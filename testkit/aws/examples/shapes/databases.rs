//! Backups and copies of them, restores, failovers and ends.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use aws_sdk_rds::{Client, primitives::DateTime, types::Tag};

use super::site::{ABROAD, HOME, Site, client};

const NAME: &str = "shapes";
const SNAPSHOT: &str = "shapes-1";
const COPY: &str = "shapes-copy";

pub async fn ask(site: &Site) -> Result<()> {
    let rds = client!(aws_sdk_rds, site, HOME);
    create(&rds).await?;
    back_up(&rds, &client!(aws_sdk_rds, site, ABROAD)).await?;
    restore(&rds).await?;
    fail_over(&rds).await?;
    end(&rds).await
}

async fn create(rds: &Client) -> Result<()> {
    rds.create_db_instance()
        .db_instance_identifier(NAME)
        .db_instance_class("db.t4g.micro")
        .engine("postgres")
        .engine_version("15.4")
        .allocated_storage(20)
        .master_username("master")
        .master_user_password("of-the-tests")
        .db_name("app")
        .backup_retention_period(30)
        .multi_az(true)
        .send()
        .await?;
    let asked = rds.describe_db_instances().db_instance_identifier(NAME);
    asked.send().await?;
    rds.describe_db_instances()
        .into_paginator()
        .send()
        .next()
        .await
        .context("no page")??;
    Ok(())
}

fn tag() -> Tag {
    let tag = Tag::builder().key("opsctl:operation");
    tag.value("of-the-tests").build()
}

async fn back_up(rds: &Client, abroad: &Client) -> Result<()> {
    let made = rds.create_db_snapshot().db_snapshot_identifier(SNAPSHOT);
    let made = made.db_instance_identifier(NAME).tags(tag()).send().await?;
    let made = made.db_snapshot.context("no snapshot")?;
    let arn = made.db_snapshot_arn.context("no ARN")?;
    let of_one = rds.describe_db_snapshots().db_instance_identifier(NAME);
    of_one.snapshot_type("manual").send().await?;
    rds.list_tags_for_resource()
        .resource_name(&arn)
        .send()
        .await?;
    rds.add_tags_to_resource()
        .resource_name(&arn)
        .tags(tag())
        .send()
        .await?;
    let copied = abroad
        .copy_db_snapshot()
        .source_db_snapshot_identifier(&arn);
    copied
        .target_db_snapshot_identifier(COPY)
        .copy_tags(true)
        .tags(tag())
        .send()
        .await?;
    let there = abroad.describe_db_snapshots().db_snapshot_identifier(COPY);
    there.send().await?;
    let backups = rds.describe_db_instance_automated_backups();
    backups.db_instance_identifier(NAME).send().await?;
    Ok(())
}

async fn restore(rds: &Client) -> Result<()> {
    rds.restore_db_instance_from_db_snapshot()
        .db_instance_identifier("shapes-restored")
        .db_snapshot_identifier(SNAPSHOT)
        .db_instance_class("db.t4g.micro")
        .multi_az(false)
        .deletion_protection(false)
        .copy_tags_to_snapshot(true)
        .publicly_accessible(false)
        .storage_type("gp3")
        .vpc_security_group_ids("sg-0123456789abcdef0")
        .tags(tag())
        .send()
        .await?;
    let minute_ago = SystemTime::now() - Duration::from_secs(60);
    rds.restore_db_instance_to_point_in_time()
        .source_db_instance_identifier(NAME)
        .target_db_instance_identifier("shapes-then")
        .restore_time(DateTime::from(minute_ago))
        .db_instance_class("db.t4g.micro")
        .storage_type("gp3")
        .tags(tag())
        .send()
        .await?;
    rds.modify_db_instance()
        .db_instance_identifier("shapes-restored")
        .master_user_password("another-of-the-tests")
        .backup_retention_period(30)
        .deletion_protection(false)
        .apply_immediately(true)
        .send()
        .await?;
    Ok(())
}

async fn fail_over(rds: &Client) -> Result<()> {
    let reboot = rds.reboot_db_instance().db_instance_identifier(NAME);
    reboot.force_failover(true).send().await?;
    let replica = rds.create_db_instance_read_replica();
    let replica = replica.db_instance_identifier("shapes-replica");
    let replica = replica.source_db_instance_identifier(NAME).tags(tag());
    replica.send().await?;
    let promoted = rds.promote_read_replica();
    promoted
        .db_instance_identifier("shapes-replica")
        .backup_retention_period(30)
        .send()
        .await?;
    Ok(())
}

async fn end(rds: &Client) -> Result<()> {
    for name in ["shapes-restored", "shapes-then", "shapes-replica"] {
        rds.delete_db_instance()
            .db_instance_identifier(name)
            .skip_final_snapshot(true)
            .delete_automated_backups(true)
            .send()
            .await?;
    }
    let last = rds.delete_db_instance().db_instance_identifier(NAME);
    last.final_db_snapshot_identifier("shapes-last")
        .delete_automated_backups(false)
        .send()
        .await?;
    let old = rds.delete_db_snapshot().db_snapshot_identifier(SNAPSHOT);
    old.send().await?;
    Ok(())
}
