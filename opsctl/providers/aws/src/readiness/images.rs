//! The application's images: the registry replicates what is pushed.

use opsctl_core::Result;
use opsctl_core::ports::Part;

use super::{AwsReadiness, unseen};
use crate::account::Side;
use crate::trouble;

const IMAGES: &str = "images";

pub(super) async fn part(of: &AwsReadiness) -> Part {
    let looked = look(of).await;
    looked.unwrap_or_else(|failure| unseen(IMAGES, &failure))
}

async fn look(of: &AwsReadiness) -> Result<Part> {
    let Some(repository) = &of.repository else {
        return Ok(Part::by_hand(IMAGES, "opsctl.yaml names no repository"));
    };
    let aws = &of.site.aws;
    let place = aws.region(Side::Backup);
    let cure = "terraform apply: see infra/terraform/modules/registry";
    let client = aws_sdk_ecr::Client::new(&aws.config(Side::Backup).await?);
    let asked = client.describe_images().repository_name(repository);
    let told = match asked.send().await {
        Ok(told) => told,
        Err(error) if trouble::is(&error, "RepositoryNotFoundException") => {
            let what = format!("there is no repository {repository} in {place}");
            return Ok(Part::lacking(IMAGES, what, cure));
        }
        Err(error) => {
            let what = format!("can't look at the repository {repository}");
            return Err(trouble::of(what, &error));
        }
    };
    let newest = told
        .image_details()
        .iter()
        .max_by_key(|image| image.image_pushed_at().map(|at| at.secs()));
    Ok(match newest {
        None => {
            let what = format!("repository {repository} in {place} holds no image");
            Part::lacking(IMAGES, what, cure)
        }
        Some(newest) => {
            let tags = newest.image_tags().join(", ");
            Part::ready(IMAGES, format!("{repository} in {place}, newest: {tags}"))
        }
    })
}
