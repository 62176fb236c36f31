//! `opsctl image build --push`: from the folder into the repository.

use std::path::Path;

use opsctl_core::Result;
use opsctl_core::engine::{Basis, OperationKind};
use opsctl_core::image::{ManifestName, Mover, Ship, Shipment, observe, plan};
use opsctl_core::ports::ImagePlace;

use super::build::Made;
use super::{report, repository};
use crate::args::ImageBuildArgs;
use crate::commands::drive::drive;
use crate::session::Session;

pub async fn run(
    session: &Session,
    args: &ImageBuildArgs,
    made: &Made,
    folder: &Path,
) -> Result<u8> {
    let shipment = Shipment {
        by: Mover::Push,
        from: ImagePlace::Layout(folder.to_path_buf()),
        name: ManifestName::Digest(made.image.manifest.digest()),
        into: repository(session, &args.place)?,
        tag: made.tag.clone(),
    };
    ship(session, &shipment, OperationKind::ImagePush).await
}

/// What pushes and promotions share, from the world to the report.
pub(super) async fn ship(
    session: &Session,
    shipment: &Shipment,
    kind: OperationKind,
) -> Result<u8> {
    let world = session.world().await?;
    let observed = observe(world.registry.as_ref(), shipment).await?;
    let basis = Basis {
        environment: &session.environment,
        operation: session.new_operation(kind)?,
        now: session.now(),
        opsctl_version: &session.runner.opsctl_version,
    };
    let plan = plan(&basis, shipment, &observed)?;
    let operation = Ship::from_plan(&plan, &world)?;
    drive(session, &plan, &operation, report::shipped).await
}
