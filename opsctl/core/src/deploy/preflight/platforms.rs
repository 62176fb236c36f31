//! Whether the nodes can run the images at all.

use std::collections::BTreeSet;

use super::finding::{PreflightFinding, Weight};
use crate::deploy::prepare::PinnedImage;
use crate::failure::{Failure, Result};
use crate::ports::{Cluster, Scope};
use crate::workloads::{Object, ObjectKind};

/// Every image that no node can run.
pub async fn unfit<'a>(
    cluster: &dyn Cluster,
    images: impl Iterator<Item = &'a PinnedImage>,
) -> Result<Vec<PreflightFinding>> {
    let scope = Scope {
        kind: ObjectKind::new("v1", "Node"),
        namespace: None,
        labels: None,
    };
    // Whoever deploys may have no business with nodes: then the scheduler is the first to tell.
    let listed = match cluster.list(&scope).await {
        Ok(listed) => listed,
        Err(failure) => return Ok(vec![unseen(&failure)]),
    };
    let nodes: BTreeSet<String> = listed.objects.iter().map(platform).collect();
    // A cluster that grows on demand may have none yet.
    if nodes.is_empty() {
        return Ok(Vec::new());
    }
    Ok(images.filter_map(|image| finding(image, &nodes)).collect())
}

fn unseen(failure: &Failure) -> PreflightFinding {
    PreflightFinding {
        weight: Weight::Warns,
        code: "nodes-unseen".into(),
        object: "Node".into(),
        message: format!(
            "whether the nodes can run the images is not checked: {}",
            failure.what
        ),
        hint: "give this principal the right to list nodes".into(),
    }
}

fn platform(node: &Object) -> String {
    let info = "/status/nodeInfo";
    let os = node.text(&format!("{info}/operatingSystem"));
    format!("{os}/{}", node.text(&format!("{info}/architecture")))
}

fn finding(image: &PinnedImage, nodes: &BTreeSet<String>) -> Option<PreflightFinding> {
    let runs_on: BTreeSet<String> = image
        .platforms
        .iter()
        .map(|it| format!("{}/{}", it.os, it.architecture))
        .collect();
    let list = |all: &BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>().join(", ");
    runs_on.is_disjoint(nodes).then(|| PreflightFinding {
        weight: Weight::Blocks,
        code: "wrong-architecture".into(),
        object: image.reference.clone(),
        message: format!("runs on {}; the nodes are {}", list(&runs_on), list(nodes)),
        hint: "build the image for the nodes".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Platform;

    fn image(architecture: &str) -> PinnedImage {
        PinnedImage {
            reference: "registry/app@sha256:0".into(),
            platforms: vec![Platform {
                os: "linux".into(),
                architecture: architecture.into(),
                variant: None,
            }],
            schema: None,
        }
    }

    #[test]
    fn an_image_that_no_node_can_run_is_found() {
        let nodes = BTreeSet::from(["linux/amd64".to_owned()]);
        assert!(finding(&image("amd64"), &nodes).is_none());
        let found = finding(&image("arm64"), &nodes).unwrap();
        assert_eq!(
            found.message,
            "runs on linux/arm64; the nodes are linux/amd64"
        );
    }
}
