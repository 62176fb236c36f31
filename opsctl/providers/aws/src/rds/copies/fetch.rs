//! The restore itself: from a snapshot or to a point in time, always a new instance, with everything passed on that is lost otherwise.

use aws_sdk_rds::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_rds::types::{DbInstance, DbSnapshot};
use opsctl_core::clock::Timestamp;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::{BackupId, LineageId, ScratchName};
use opsctl_core::ports::RecoveryTarget;
use opsctl_core::{Failure, Result};

use super::super::backups::{Known, find};
use super::super::settled::{PATIENCE, Wait, usable};
use super::super::site::{RdsSite, Serving};
use super::super::tags::{
    ENVIRONMENT, EXPIRES, INSTANCE, LINEAGE, OPERATION, RECOVERED_TO, ROLE, SCRATCH, TARGET, Tags,
};
use super::super::{instances, refusals, remembered};
use super::{fidelity, state};
use crate::account::Side;
use crate::moments;

/// What is restored.
pub(super) struct Request<'a> {
    pub name: &'a ScratchName,
    pub target: &'a RecoveryTarget,
    pub expires_at: Timestamp,
}

/// Restores it, or goes on waiting for what an earlier run of the same operation asked for.
pub(super) async fn fetch(
    site: &RdsSite,
    permit: &Permit<'_>,
    request: &Request<'_>,
    progress: &Progress<'_>,
) -> Result<()> {
    let name = request.name.as_str();
    let serving = site.serving_if_any().await?;
    match instances::find(site, name).await? {
        Some(found) => must_be(site, request, &found)?,
        None => ask(site, permit, request, serving.as_ref()).await?,
    }
    let restored = usable(site, name, progress, &|it| instances::address(it).is_some()).await?;
    must_be(site, request, &restored)?;
    if let Some(serving) = &serving {
        for difference in fidelity::of_a_copy(&serving.instance, &restored) {
            progress.warn(format!("the copy '{name}' differs: {difference}"));
        }
    }
    Ok(())
}

/// An instance of that name counts only if it is this restore's.
fn must_be(site: &RdsSite, request: &Request<'_>, found: &DbInstance) -> Result<()> {
    let ours = state::is_ours(site, &instances::tags(found));
    if ours && state::is_restored_to(found, request.target) {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "there is an instance '{}' already, which is not this restore's",
        request.name
    ))
    .cause("its tags say something else")
    .left("nothing was changed"))
}

async fn ask(
    site: &RdsSite,
    permit: &Permit<'_>,
    request: &Request<'_>,
    serving: Option<&Serving>,
) -> Result<()> {
    let base = request.target.backup();
    let snapshot = find(site, base).await?.ok_or_else(|| {
        Failure::failed(format!("backup '{base}' is gone")).hint("opsctl backup list")
    })?;
    let tags = told(site, permit, request, serving, &snapshot)?;
    let wanted = Wanted::of(site, serving, &snapshot, tags);
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        permit.check()?;
        let asked = match request.target {
            RecoveryTarget::Backup { .. } => {
                wanted
                    .restore_snapshot(site, request.name, &snapshot, &mut wait)
                    .await?
            }
            RecoveryTarget::Time { to, .. } => {
                let source = (&snapshot, *to);
                wanted
                    .to_time(site, request.name, source, &mut wait)
                    .await?
            }
        };
        match asked {
            Asked::Accepted => return Ok(()),
            // The answer to an earlier call was lost.
            Asked::Exists => {
                let found = instances::require(site, request.name.as_str()).await?;
                return must_be(site, request, &found);
            }
            Asked::NotYet => wait.pause("the restore is not accepted yet").await?,
        }
    }
}

/// What lies on the copy from its first moment on: whose it is, when it ends, and the lineage that it will begin.
fn told(
    site: &RdsSite,
    permit: &Permit<'_>,
    request: &Request<'_>,
    serving: Option<&Serving>,
    snapshot: &DbSnapshot,
) -> Result<Tags> {
    let record = Known::of(&site.environment, serving).record(snapshot);
    let record = record.map_err(|finding| {
        let base: &BackupId = request.target.backup();
        Failure::failed(format!("backup '{base}' can't be restored")).cause(finding.detail)
    })?;
    let reached = match request.target {
        RecoveryTarget::Backup { .. } => record.recovery_point.taken_at,
        RecoveryTarget::Time { to, .. } => *to,
    };
    let noted = match serving {
        Some(serving) => remembered::noted(Tags::default(), &serving.instance),
        None => remembered::handed_on(Tags::default(), &Tags::of(snapshot.tag_list())),
    };
    Ok(noted
        .with(ENVIRONMENT, &site.environment)
        .with(OPERATION, permit.operation())
        .with(ROLE, SCRATCH)
        .with(TARGET, state::words(request.target))
        .with(EXPIRES, request.expires_at)
        .with(RECOVERED_TO, reached)
        .with(INSTANCE, record.instance_id)
        .with(LINEAGE, LineageId(uuid::Uuid::new_v4())))
}

/// What came of asking for a restore.
enum Asked {
    Accepted,
    Exists,
    NotYet,
}

/// What a restored instance is given.
struct Wanted {
    class: Option<String>,
    storage_type: Option<String>,
    iops: Option<i32>,
    throughput: Option<i32>,
    subnet_group: String,
    parameter_group: Option<String>,
    option_group: Option<String>,
    security_groups: Vec<String>,
    public: bool,
    iam: Option<bool>,
    authority: Option<String>,
    tags: Tags,
}

/// The same of both calls: AWS gives them the same parameters and other types.
macro_rules! with_everything {
    ($call:expr, $wanted:expr) => {
        $call
            .set_db_instance_class($wanted.class.clone())
            .set_storage_type($wanted.storage_type.clone())
            .set_iops($wanted.iops)
            .set_storage_throughput($wanted.throughput)
            .db_subnet_group_name(&$wanted.subnet_group)
            .set_db_parameter_group_name($wanted.parameter_group.clone())
            .set_option_group_name($wanted.option_group.clone())
            .set_vpc_security_group_ids(Some($wanted.security_groups.clone()))
            .publicly_accessible($wanted.public)
            .set_enable_iam_database_authentication($wanted.iam)
            .set_ca_certificate_identifier($wanted.authority.clone())
            // Nobody is served from it yet: no standby, no backups that would hold it up for hours, nothing that keeps it.
            .multi_az(false)
            .backup_retention_period(0)
            .deletion_protection(false)
            .copy_tags_to_snapshot(true)
            .auto_minor_version_upgrade(false)
            .set_tags(Some($wanted.tags.told()))
    };
}

impl Wanted {
    fn of(site: &RdsSite, serving: Option<&Serving>, snapshot: &DbSnapshot, tags: Tags) -> Self {
        let with = &site.settings.restore_with;
        let known = Tags::of(snapshot.tag_list());
        // A parameter group is of one region.
        let group = remembered::parameters(&known).filter(|_| site.at == Side::Home);
        let source = serving.map(|serving| &serving.instance);
        let of_source = |read: fn(&DbInstance) -> Option<String>| source.and_then(read);
        let class = |it: &DbInstance| it.db_instance_class().map(ToOwned::to_owned);
        let authority = |it: &DbInstance| it.ca_certificate_identifier().map(ToOwned::to_owned);
        let chosen =
            fidelity::speed_is_chosen(snapshot.storage_type(), snapshot.allocated_storage());
        Self {
            class: with
                .drill_class
                .clone()
                .or_else(|| of_source(class))
                .or_else(|| remembered::class(&known)),
            storage_type: snapshot.storage_type().map(ToOwned::to_owned),
            iops: snapshot.iops().filter(|_| chosen),
            throughput: snapshot.storage_throughput().filter(|_| chosen),
            subnet_group: with.subnet_group.clone(),
            parameter_group: with
                .parameter_group
                .clone()
                .or_else(|| of_source(fidelity::parameter_group))
                .or(group),
            option_group: of_source(fidelity::option_group),
            security_groups: with.drill_group_ids.clone(),
            public: source
                .and_then(DbInstance::publicly_accessible)
                .unwrap_or(false),
            iam: source.and_then(DbInstance::iam_database_authentication_enabled),
            authority: of_source(authority),
            tags,
        }
    }

    async fn restore_snapshot(
        &self,
        site: &RdsSite,
        name: &ScratchName,
        snapshot: &DbSnapshot,
        wait: &mut Wait<'_>,
    ) -> Result<Asked> {
        let client = site.client().await?;
        let call = client
            .restore_db_instance_from_db_snapshot()
            .db_instance_identifier(name.as_str())
            .set_db_snapshot_identifier(snapshot.db_snapshot_identifier().map(ToOwned::to_owned));
        let sent = with_everything!(call, self).send().await;
        sent.map_or_else(|error| refused(name, &error, wait), |_| Ok(Asked::Accepted))
    }

    async fn to_time(
        &self,
        site: &RdsSite,
        name: &ScratchName,
        (snapshot, to): (&DbSnapshot, Timestamp),
        wait: &mut Wait<'_>,
    ) -> Result<Asked> {
        let client = site.client().await?;
        let call = client
            .restore_db_instance_to_point_in_time()
            .target_db_instance_identifier(name.as_str())
            .set_source_dbi_resource_id(snapshot.dbi_resource_id().map(ToOwned::to_owned))
            .restore_time(moments::asked(to));
        let sent = with_everything!(call, self).send().await;
        sent.map_or_else(|error| refused(name, &error, wait), |_| Ok(Asked::Accepted))
    }
}

fn refused<E, R>(name: &ScratchName, error: &SdkError<E, R>, wait: &mut Wait<'_>) -> Result<Asked>
where
    SdkError<E, R>: ProvideErrorMetadata,
    E: std::error::Error + 'static,
    R: std::fmt::Debug,
{
    if refusals::is(error, "DBInstanceAlreadyExists") {
        return Ok(Asked::Exists);
    }
    let again = wait.again(&format!("can't restore '{name}'"), error);
    let failed = |failure: Failure| {
        failure
            .left("nothing was restored")
            .runbook("runbooks/restore.md")
    };
    again.map(|()| Asked::NotYet).map_err(failed)
}
