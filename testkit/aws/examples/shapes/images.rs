//! Repositories and the way into them.

use anyhow::Result;
use aws_sdk_ecr::types::{
    ImageIdentifier, ImageTagMutability, ImageTagMutabilityExclusionFilter,
    ImageTagMutabilityExclusionFilterType,
};

use super::site::{HOME, Site, client};

pub async fn ask(site: &Site) -> Result<()> {
    let ecr = client!(aws_sdk_ecr, site, HOME);
    let latest = ImageTagMutabilityExclusionFilter::builder()
        .filter("latest")
        .filter_type(ImageTagMutabilityExclusionFilterType::Wildcard)
        .build()?;
    ecr.create_repository()
        .repository_name("app")
        .image_tag_mutability(ImageTagMutability::ImmutableWithExclusion)
        .image_tag_mutability_exclusion_filters(latest)
        .send()
        .await?;
    ecr.get_authorization_token().send().await?;
    let described = ecr.describe_repositories().repository_names("app");
    described.send().await?;
    ecr.describe_images().repository_name("app").send().await?;
    let tag = ImageIdentifier::builder().image_tag("v1").build();
    let got = ecr.batch_get_image().repository_name("app");
    got.image_ids(tag).send().await?;
    Ok(())
}
