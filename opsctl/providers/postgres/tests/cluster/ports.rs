//! The ports of opsctl, as operations use them.

use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use opsctl_core::{
    clock::{SystemClock, Timestamp},
    engine::StepState,
    guard::Permit,
    names::{BackupId, InstanceId, LineageId, OperationId},
    ports::{
        Backups, Copies, CopyState, Descriptor, Engine, Location, Mode, Pointer, Provision,
        RecoveryTarget,
    },
};
use opsctl_postgres::{PostgresBackups, PostgresCopies, PostgresProvision};
use opsctl_simulation::Grant;
use sqlx::{Connection, PgConnection};

use crate::site::Site;

/// A descriptor that never changes.
struct Fixed(Descriptor);

#[async_trait]
impl Pointer for Fixed {
    async fn read(&self) -> opsctl_core::Result<Option<Descriptor>> {
        Ok(Some(self.0.clone()))
    }

    async fn replace(&self, _: &Permit<'_>, _: u64, _: &Descriptor) -> opsctl_core::Result<()> {
        Err(opsctl_core::Failure::refused("it never changes"))
    }

    async fn administrator(&self, _: &Descriptor) -> opsctl_core::Result<Location> {
        Ok(self.0.location.clone())
    }
}

fn pointer(site: &Site) -> Result<Arc<Fixed>> {
    Ok(Arc::new(Fixed(Descriptor {
        version: Descriptor::VERSION,
        generation: 1,
        location: Location {
            engine: Engine::Postgres,
            url: site.local.layout.administrator(site.lineage)?.url,
            password_file: None,
            password_secret: None,
        },
        instance_id: InstanceId(uuid::Uuid::nil()),
        lineage_id: site.lineage,
        mode: Mode::Normal,
        other: serde_json::Map::new(),
    })))
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_are_taken_found_checked_and_deleted() -> Result<()> {
    let site = Site::set_up().await?;
    let backups = PostgresBackups::new(site.local.clone(), pointer(&site)?);
    let grant = Grant::new("backup-1").await;
    let id = OperationId::new("backup-1")?.backup();
    assert_eq!(backups.check(&id).await?, StepState::Absent);
    assert_eq!(backups.window().await?, None);
    std::fs::create_dir_all(site.local.layout.backups().join(format!(".taking-{id}")))?;
    assert_eq!(backups.check(&id).await?, StepState::InFlight);
    let record = backups
        .create(&grant.permit(), &id, &grant.progress())
        .await?;
    assert_eq!(backups.check(&id).await?, StepState::Done(record.clone()));
    assert_eq!(backups.list().await?, (vec![record.clone()], vec![]));
    assert_eq!(backups.verify(&id, &grant.progress()).await?, []);
    site.write(1).await?;
    site.switch_segment().await?;
    let window = backups.window().await?.expect("no window");
    assert_eq!(window.from, record.recovery_point.taken_at);

    let path = site.local.layout.backup(&id).join("backup.json");
    testkit::files::truncate(&path, 40)?;
    let (good, bad) = backups.list().await?;
    assert!(good.is_empty());
    assert_eq!((&bad[0].0, bad[0].1.file.as_str()), (&id, "backup.json"));
    assert!(matches!(backups.check(&id).await?, StepState::Unknown(_)));
    backups.delete(&grant.permit(), &id).await?;
    backups.delete(&grant.permit(), &id).await?;
    assert_eq!(backups.check(&id).await?, StepState::Absent);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_database_is_made_once_with_a_way_in_for_each() -> Result<()> {
    let mut site = Site::prepare()?;
    site.local.password_file = Some(site.folder.path().join("app_login.password"));
    let provision = PostgresProvision::new(site.local.clone(), 0);
    let grant = Grant::new("migrate-1").await;
    let lineage = LineageId(uuid::Uuid::new_v4());
    let made = provision.create(&grant.permit(), lineage).await?;
    assert_eq!(provision.create(&grant.permit(), lineage).await?, made);
    assert_eq!(
        site.local.layout.administrator(lineage)?,
        made.administrator
    );
    PgConnection::connect(&made.administrator.url).await?;
    let password = std::fs::read_to_string(made.application.password_file.expect("no file"))?;
    let url = made.application.url;
    let url = url.replace("app_login@", &format!("app_login:{password}@"));
    PgConnection::connect(&url).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_fetched_started_and_discarded() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    let copies = PostgresCopies::new(site.restorer(), Arc::new(SystemClock));
    let grant = Grant::new("restore-1").await;
    let name = OperationId::new("restore-1")?.scratch();
    let target = RecoveryTarget::Backup {
        id: BackupId::new("b1")?,
    };
    let expires = Timestamp::parse("2030-01-01T00:00:00Z")?;
    assert_eq!(copies.state(&name).await?, CopyState::Absent);
    // A cold pass begins before there is a copy.
    assert!(
        copies
            .chill(&grant.permit(), &name, &target)
            .await?
            .contains("drop")
    );
    for _ in 0..2 {
        let (permit, progress) = (grant.permit(), grant.progress());
        copies
            .fetch(&permit, &name, &target, expires, &progress)
            .await?;
        assert_eq!(copies.state(&name).await?, CopyState::Fetched);
    }
    let copy = copies
        .start(&grant.permit(), &name, &grant.progress())
        .await?;
    assert_eq!(copies.state(&name).await?, CopyState::Running(copy.clone()));
    assert_eq!(
        copies
            .start(&grant.permit(), &name, &grant.progress())
            .await?,
        copy
    );
    let owner = OperationId::new("restore-1")?;
    assert_eq!(copies.list().await?, [(name.clone(), owner, expires)]);
    copies.stop(&grant.permit(), &name).await?;
    assert_eq!(copies.state(&name).await?, CopyState::Fetched);
    copies.discard(&grant.permit(), &name).await?;
    assert_eq!(copies.state(&name).await?, CopyState::Absent);
    Ok(())
}
