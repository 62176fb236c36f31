//! Makes the replica, with everything at once that the database has and a replica may have: what is not changed later is no part of the
//! outage. It keeps no secret from its source, so that the administrator's password is today's.

use std::time::Duration;

use aws_sdk_rds::operation::create_db_instance_read_replica::builders::CreateDBInstanceReadReplicaFluentBuilder;
use aws_sdk_rds::types::DbInstance;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::LineageId;
use opsctl_core::ports::{Following, Position};
use opsctl_core::{Failure, Result};

use super::super::settled::{PATIENCE, Wait, answering, usable};
use super::super::site::{RdsSite, Serving};
use super::super::states::{Standing, standing};
use super::super::tags::{
    ENVIRONMENT, EXPIRES, INSTANCE, LINEAGE, OPERATION, ROLE, SCRATCH, TARGET, Tags,
};
use super::super::{copies, instances, refusals, remembered};
use super::port::RdsReplicas;
use super::state;

/// So long it is looked whether it has everything, before that is told and looked again.
const GLANCE: Duration = Duration::from_secs(5);

/// Refuses what RDS would refuse.
pub(super) fn possible(site: &RdsSite, serving: &DbInstance) -> Result<()> {
    let (name, environment) = (instances::name(serving), &site.environment);
    let refuse = || {
        Failure::refused(format!("no replica can be made of instance '{name}'"))
            .left("nothing was changed")
    };
    let status = instances::status(serving);
    if standing(status) != Standing::Usable {
        return Err(refuse()
            .cause(format!("it is {status}"))
            .hint(format!("opsctl --env {environment} doctor")));
    }
    if serving.backup_retention_period().unwrap_or_default() == 0 {
        return Err(refuse()
            .cause("RDS copies only what it backs up, and automated backups are off")
            .hint("set backup_retention_period above 0: see infra/terraform"));
    }
    Ok(())
}

/// Makes it and waits until it has what the database had written by then, or goes on with what an earlier run made.
pub(super) async fn follow(
    replicas: &RdsReplicas,
    permit: &Permit<'_>,
    wanted: &Following,
    progress: &Progress<'_>,
) -> Result<Position> {
    let (site, name) = (replicas.site.as_ref(), wanted.name.as_str());
    match instances::find(site, name).await? {
        Some(found) => must_be(site, wanted, &found)?,
        None => ask(site, permit, wanted).await?,
    }
    let there = |it: &DbInstance| instances::address(it).is_some();
    let replica = usable(site, name, progress, &there).await?;
    must_be(site, wanted, &replica)?;
    // Told to follow no longer: whoever opens it goes on there.
    if let Some(position) = state::noted(&replica) {
        return Ok(position);
    }
    let serving = site.serving().await?;
    for difference in copies::of_a_copy(&serving.instance, &replica) {
        progress.warn(format!("the replica '{name}' differs: {difference}"));
    }
    until_it_has_everything(replicas, &serving, &replica, progress).await
}

/// An instance of that name counts only if it is this drill's.
fn must_be(site: &RdsSite, wanted: &Following, found: &DbInstance) -> Result<()> {
    if state::is_of(site, found, wanted.source) {
        return Ok(());
    }
    let name = &wanted.name;
    Err(Failure::refused(format!(
        "there is an instance '{name}' already, which is not this drill's"
    ))
    .cause("its tags say something else")
    .left("nothing was changed"))
}

async fn ask(site: &RdsSite, permit: &Permit<'_>, wanted: &Following) -> Result<()> {
    let (serving, name) = (site.serving().await?, &wanted.name);
    possible(site, &serving.instance)?;
    if serving.descriptor.lineage_id != wanted.source {
        let what = "the database that serves is not the one that the plan found";
        return Err(Failure::refused(what).left("nothing was changed"));
    }
    let call = like(
        site,
        wanted,
        &serving.instance,
        told(site, permit, wanted, &serving),
    )
    .await?;
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        permit.check()?;
        let Err(error) = call.clone().send().await else {
            return Ok(());
        };
        // The answer to an earlier call was lost.
        if refusals::is(&error, "DBInstanceAlreadyExists") {
            let found = instances::require(site, name.as_str()).await?;
            return must_be(site, wanted, &found);
        }
        let again = wait.again(&format!("can't make the replica '{name}'"), &error);
        again.map_err(|failure| {
            failure
                .left("no replica was made")
                .runbook("runbooks/drill-failover.md")
        })?;
        wait.pause("the replica is not accepted yet").await?;
    }
}

/// What lies on it from its first moment on: whose it is, when it ends, and the lineage that it will begin.
fn told(site: &RdsSite, permit: &Permit<'_>, wanted: &Following, serving: &Serving) -> Tags {
    remembered::noted(Tags::default(), &serving.instance)
        .with(ENVIRONMENT, &site.environment)
        .with(OPERATION, permit.operation())
        .with(ROLE, SCRATCH)
        .with(TARGET, state::words(wanted.source))
        .with(EXPIRES, wanted.expires_at)
        .with(INSTANCE, serving.descriptor.instance_id)
        .with(LINEAGE, LineageId(uuid::Uuid::new_v4()))
}

/// As its source, apart from everybody. RDS gives it the source's subnets, parameters and options, and refuses to be told them.
async fn like(
    site: &RdsSite,
    wanted: &Following,
    source: &DbInstance,
    tags: Tags,
) -> Result<CreateDBInstanceReadReplicaFluentBuilder> {
    let text = |value: Option<&str>| value.map(ToOwned::to_owned);
    let chosen = copies::speed_is_chosen(source.storage_type(), source.allocated_storage());
    let client = site.client().await?;
    Ok(client
        .create_db_instance_read_replica()
        .db_instance_identifier(wanted.name.as_str())
        .source_db_instance_identifier(instances::name(source))
        // A smaller one may not start at all: a standby takes no fewer connections than its source.
        .set_db_instance_class(text(source.db_instance_class()))
        .set_storage_type(text(source.storage_type()))
        .set_iops(source.iops().filter(|_| chosen))
        .set_storage_throughput(source.storage_throughput().filter(|_| chosen))
        .set_multi_az(source.multi_az())
        .set_vpc_security_group_ids(Some(site.settings.restore_with.drill_group_ids.clone()))
        .set_publicly_accessible(source.publicly_accessible())
        .set_enable_iam_database_authentication(source.iam_database_authentication_enabled())
        .set_ca_certificate_identifier(text(source.ca_certificate_identifier()))
        .copy_tags_to_snapshot(true)
        .auto_minor_version_upgrade(false)
        .deletion_protection(false)
        .set_tags(Some(tags.told())))
}

/// Replays what was written while it was made, and all of it until now: that may be hours of log.
async fn until_it_has_everything(
    replicas: &RdsReplicas,
    serving: &Serving,
    replica: &DbInstance,
    progress: &Progress<'_>,
) -> Result<Position> {
    let site = replicas.site.as_ref();
    let source = instances::administrator(&site.ways, &serving.instance)?;
    let at = instances::administrator(&site.ways, replica)?;
    answering(site, &at).await?;
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        let asked = replicas.positions.catch_up(&source, &at, GLANCE).await;
        match wait.heard(asked)? {
            Some(position) if position.behind_bytes == 0 => return Ok(position),
            Some(position) => progress.at(position.behind_bytes, 0, "bytes behind"),
            None => {}
        }
        wait.pause("the replica does not get what the database has written")
            .await?;
    }
}
