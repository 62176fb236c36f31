//! Images as they were pushed.

use serde_json::{Value, json};

use super::state::{Image, State};
use crate::{
    clock::seconds,
    endpoint::{Asked, Refusal},
};

pub(super) fn describe(state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    let name = asked.parameters.required("repositoryName")?;
    let repository = state.repository(asked, name)?;
    let told = |digest: &String, image: &Image| {
        json!({
            "registryId": asked.home.account,
            "repositoryName": name,
            "imageDigest": digest,
            "imageTags": image.tags,
            "imageSizeInBytes": image.size(),
            "imagePushedAt": seconds(image.pushed_at),
            "imageManifestMediaType": image.media_type,
        })
    };
    let Some(wanted) = wanted(asked) else {
        let all = repository.images.iter();
        let all: Vec<Value> = all.map(|(digest, image)| told(digest, image)).collect();
        return Ok(json!({"imageDetails": all}));
    };
    let found = wanted.iter().map(|reference| {
        let found = repository.find(reference);
        found.map(|(digest, image)| told(digest, image)).ok_or_else(|| {
            let message = format!(
                "The image with imageId '{reference}' does not exist within the repository with name '{name}' in the registry \
                 with id '{}'",
                asked.home.account
            );
            Refusal::new("ImageNotFoundException", message)
        })
    });
    let found: Vec<Value> = found.collect::<Result<_, _>>()?;
    Ok(json!({"imageDetails": found}))
}

pub(super) fn get(state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    let name = asked.parameters.required("repositoryName")?;
    let repository = state.repository(asked, name)?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for reference in wanted(asked).unwrap_or_default() {
        let mut id = match reference.contains(':') {
            true => json!({"imageDigest": reference}),
            false => json!({"imageTag": reference}),
        };
        match repository.find(&reference) {
            Some((digest, image)) => {
                id["imageDigest"] = json!(digest);
                images.push(json!({
                    "registryId": asked.home.account,
                    "repositoryName": name,
                    "imageId": id,
                    "imageManifest": image.manifest,
                    "imageManifestMediaType": image.media_type,
                }));
            }
            None => failures.push(json!({
                "imageId": id,
                "failureCode": "ImageNotFound",
                "failureReason": "Requested image not found",
            })),
        }
    }
    Ok(json!({"images": images, "failures": failures}))
}

/// The tags and digests that are asked for; none where all are.
fn wanted(asked: &Asked) -> Option<Vec<String>> {
    let ids = asked.parameters.json()["imageIds"].as_array()?;
    let read = |id: &Value| {
        let said = id["imageDigest"].as_str().or(id["imageTag"].as_str());
        said.map(str::to_owned)
    };
    Some(ids.iter().filter_map(read).collect())
}

impl Image {
    /// What it weighs: its configuration and its layers, compressed as they are. Nothing, of a list of images.
    fn size(&self) -> u64 {
        let manifest: Value = serde_json::from_str(&self.manifest).unwrap_or_default();
        let layers = manifest["layers"].as_array();
        let parts = layers.into_iter().flatten().chain([&manifest["config"]]);
        parts.filter_map(|part| part["size"].as_u64()).sum()
    }
}
