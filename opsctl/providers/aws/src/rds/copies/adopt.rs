//! A copy becomes the database, with everything that protects one; and the way back.

use std::time::Duration;

use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder;
use aws_sdk_rds::types::{CloudwatchLogsExportConfiguration, DbInstance};
use opsctl_core::clock::Timestamp;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::ScratchName;
use opsctl_core::ports::Location;
use opsctl_core::{Failure, FailureKind, Result};
use tokio::time::Instant;

use super::super::settled::{PATIENCE, Wait, answering};
use super::super::site::{RdsSite, Serving};
use super::super::states::{Standing, dead_end, standing};
use super::super::tags::{
    ENVIRONMENT, EXPIRES, INSTANCE, LINEAGE, OPENED, ROLE, SCRATCH, SERVING, Tags,
};
use super::super::{instances, remembered};
use super::fidelity;

/// A copy that served may hold what exists nowhere else: it is kept at least this long after.
const KEPT_AFTER_SERVING: Duration = Duration::from_secs(30 * 24 * 3600);

/// A change that has not begun after this was forgotten.
const UNNOTICED: Duration = Duration::from_secs(10 * 60);

/// Makes it the one that serves; returns where the application connects. Idempotent.
pub(super) async fn adopt(
    site: &RdsSite,
    permit: &Permit<'_>,
    name: &ScratchName,
) -> Result<Location> {
    let found = instances::require(site, name.as_str()).await?;
    if instances::tags(&found).text(OPENED).is_none() {
        return Err(Failure::refused(format!(
            "the copy '{name}' was never opened: it can't serve"
        )));
    }
    let tags = Tags::default().with(ROLE, SERVING);
    permit.check()?;
    instances::tag(site, &found, &tags).await?;
    let source = site.serving_if_any().await?;
    let source = source.filter(|source| instances::name(&source.instance) != name.as_str());
    let restored = match &source {
        Some(source) => {
            remember(site, permit, source).await?;
            modified(site, permit, name, &source.instance).await?
        }
        // The source is gone: what was noted of it counts, and where nothing was, what can be protected is.
        None => match remembered::wanted(&found).map(|wanted| here(site, wanted)) {
            Some(wanted) => modified(site, permit, name, &wanted).await?,
            None => protected(site, permit, name).await?,
        },
    };
    answering(site, &instances::administrator(&site.ways, &restored)?).await?;
    Ok(site
        .ways
        .application(&instances::must_have_address(&restored)?))
}

/// Security groups are of one region: what was noted of a database in another one means nothing here.
fn here(site: &RdsSite, wanted: DbInstance) -> DbInstance {
    match &site.settings.restore_with.security_group_ids {
        Some(groups) => remembered::guarded_by(wanted, groups),
        None => wanted,
    }
}

/// The old database is found by its lineage when it is ended one day.
async fn remember(site: &RdsSite, permit: &Permit<'_>, source: &Serving) -> Result<()> {
    let tags = Tags::default()
        .with(ENVIRONMENT, &site.environment)
        .with(INSTANCE, source.descriptor.instance_id)
        .with(LINEAGE, source.descriptor.lineage_id);
    permit.check()?;
    instances::tag(site, &source.instance, &tags).await
}

/// Gives it what its source has, and waits until all of it is in force.
async fn modified(
    site: &RdsSite,
    permit: &Permit<'_>,
    name: &ScratchName,
    source: &DbInstance,
) -> Result<DbInstance> {
    let mut wait = Wait::new(site, PATIENCE);
    let mut asked: Option<Instant> = None;
    loop {
        let found = instances::find(site, name.as_str()).await;
        if let Some(found) = wait.heard(found)? {
            let found = found.ok_or_else(|| Failure::failed(format!("'{name}' is gone")))?;
            let lacking = fidelity::of_the_database(source, &found);
            let status = instances::status(&found);
            match standing(status) {
                Standing::DeadEnd => return Err(dead_end(name.as_str(), status)),
                Standing::Usable if lacking.is_empty() => return Ok(found),
                // A change does not show at once: it is asked for again only when it never came.
                Standing::Usable if asked.is_none_or(|at| at.elapsed() > UNNOTICED) => {
                    let call = like(modify(site, name).await?, source, &found);
                    asked = sent(permit, call, &mut wait).await?.then(Instant::now);
                }
                _ => {}
            }
            if wait.seconds() >= PATIENCE.as_secs() {
                let mut failure = Failure::failed(format!("'{name}' is not set as its source is"));
                failure.causes = lacking.iter().map(ToString::to_string).collect();
                return Err(failure);
            }
        }
        wait.pause(&format!("'{name}' gets the settings of the database"))
            .await?;
    }
}

/// Everything that a database has and a scratch copy has not.
fn like(
    call: ModifyDBInstanceFluentBuilder,
    source: &DbInstance,
    found: &DbInstance,
) -> ModifyDBInstanceFluentBuilder {
    let differs = |read: fn(&DbInstance) -> Option<&str>| {
        let wanted = read(source);
        (wanted != read(found))
            .then(|| wanted.map(ToOwned::to_owned))
            .flatten()
    };
    let exports = source.enabled_cloudwatch_logs_exports().to_vec();
    let exports = (exports != found.enabled_cloudwatch_logs_exports()).then(|| {
        CloudwatchLogsExportConfiguration::builder()
            .set_enable_log_types(Some(exports))
            .build()
    });
    call.set_db_instance_class(differs(DbInstance::db_instance_class))
        .set_preferred_backup_window(differs(DbInstance::preferred_backup_window))
        .set_cloudwatch_logs_export_configuration(exports)
        .set_vpc_security_group_ids(Some(fidelity::security_groups(source)))
        .set_multi_az(source.multi_az())
        .set_deletion_protection(source.deletion_protection())
        .set_backup_retention_period(source.backup_retention_period())
        .set_copy_tags_to_snapshot(source.copy_tags_to_snapshot())
        .set_auto_minor_version_upgrade(source.auto_minor_version_upgrade())
}

async fn modify(site: &RdsSite, name: &ScratchName) -> Result<ModifyDBInstanceFluentBuilder> {
    let client = site.client().await?;
    Ok(client
        .modify_db_instance()
        .db_instance_identifier(name.as_str())
        .apply_immediately(true))
}

/// Whether it was accepted; a state that passes is waited out.
async fn sent(
    permit: &Permit<'_>,
    call: ModifyDBInstanceFluentBuilder,
    wait: &mut Wait<'_>,
) -> Result<bool> {
    permit.check()?;
    let Err(error) = call.send().await else {
        return Ok(true);
    };
    let again = wait.again("can't set what protects the database", &error);
    again.map(|()| false)
}

async fn protected(site: &RdsSite, permit: &Permit<'_>, name: &ScratchName) -> Result<DbInstance> {
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        let call = modify(site, name).await?.deletion_protection(true);
        if sent(permit, call, &mut wait).await? {
            return instances::require(site, name.as_str()).await;
        }
        wait.pause("deletion protection").await?;
    }
}

/// Puts it back to where nobody but the administrator reaches it. Idempotent.
pub(super) async fn disown(
    site: &RdsSite,
    permit: &Permit<'_>,
    name: &ScratchName,
    now: Timestamp,
    progress: Option<&Progress<'_>>,
) -> Result<()> {
    let Some(found) = instances::find(site, name.as_str()).await? else {
        return Ok(());
    };
    let tags = instances::tags(&found);
    if !tags.is(ROLE, SERVING) {
        return Ok(());
    }
    let kept = now.plus(KEPT_AFTER_SERVING);
    let expires = tags.moment(EXPIRES).map_or(kept, |at| at.max(kept));
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        let groups = site.settings.restore_with.drill_group_ids.clone();
        let call = modify(site, name)
            .await?
            .set_vpc_security_group_ids(Some(groups));
        if sent(permit, call, &mut wait).await? {
            break;
        }
        wait.pause("the copy's security groups").await?;
    }
    if let Some(progress) = progress {
        progress.note(format!("'{name}' is kept until {expires}"));
    }
    let tags = Tags::default().with(ROLE, SCRATCH).with(EXPIRES, expires);
    instances::tag(site, &found, &tags)
        .await
        .map_err(|failure| failure.with_kind(FailureKind::Unknown))
}
