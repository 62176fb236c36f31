//! A rotation: a version that waits, and the stage that moves to it.

use anyhow::{Context, Result};
use aws_sdk_secretsmanager::types::{ReplicaRegionType, Tag};

use super::site::{ABROAD, HOME, Site, client};

const NAME: &str = "shapes/database";
const PENDING: &str = "AWSPENDING";
const CURRENT: &str = "AWSCURRENT";

pub async fn ask(site: &Site) -> Result<()> {
    let secrets = client!(aws_sdk_secretsmanager, site, HOME);
    let first = secrets.create_secret().name(NAME).secret_string("first");
    let tag = Tag::builder().key("opsctl:rotation-days").value("90");
    let first = first.tags(tag.build()).send().await?;
    let first = first.version_id.context("no version")?;
    let abroad = ReplicaRegionType::builder().region(ABROAD).build();
    let copied = secrets.replicate_secret_to_regions().secret_id(NAME);
    copied.add_replica_regions(abroad).send().await?;
    let second = "00000000-0000-4000-8000-000000000002";
    let put = secrets.put_secret_value().secret_id(NAME);
    put.client_request_token(second)
        .secret_string("second")
        .version_stages(PENDING)
        .send()
        .await?;
    secrets.describe_secret().secret_id(NAME).send().await?;
    let moved = secrets.update_secret_version_stage().secret_id(NAME);
    moved
        .version_stage(CURRENT)
        .move_to_version_id(second)
        .remove_from_version_id(first)
        .send()
        .await?;
    let read = secrets.get_secret_value().secret_id(NAME);
    read.version_stage(CURRENT).send().await?;
    let versions = secrets.list_secret_version_ids().secret_id(NAME);
    versions.send().await?;
    secrets.list_secrets().send().await?;
    let tag = Tag::builder().key("opsctl:rotated").value("today").build();
    secrets
        .tag_resource()
        .secret_id(NAME)
        .tags(tag)
        .send()
        .await?;
    Ok(())
}
