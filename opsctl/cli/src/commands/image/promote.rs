//! `opsctl image promote`: by manifest, nothing is built again.

use opsctl_core::engine::OperationKind;
use opsctl_core::image::{ImageReference, Mover, Shipment, Tag};
use opsctl_core::ports::ImagePlace;
use opsctl_core::{Failure, Result};

use super::known_repository;
use super::push::ship;
use crate::args::ImagePromoteArgs;
use crate::session::Session;

pub async fn run(session: &Session, args: &ImagePromoteArgs) -> Result<u8> {
    let own = known_repository(session, &args.place)?;
    let from = ImageReference::beside(own.as_ref(), &args.from)?;
    let to = ImageReference::beside(Some(&from.repository), &args.to)?;
    let shipment = Shipment {
        by: Mover::Promote,
        name: from.manifest()?,
        tag: tag(&from, &to)?,
        into: to.repository,
        from: ImagePlace::Repository(from.repository),
    };
    ship(session, &shipment, OperationKind::ImagePromote).await
}

/// In another repository an image keeps its tag, unless another one is named.
fn tag(from: &ImageReference, to: &ImageReference) -> Result<Tag> {
    if to.digest.is_some() {
        return Err(
            Failure::usage(format!("'{to}' names content, and an image has its own"))
                .hint("name a tag: v1.2.3"),
        );
    }
    let tag = to.tag.clone().or_else(|| from.tag.clone());
    tag.ok_or_else(|| {
        Failure::usage(format!(
            "which tag does the image get in {}?",
            to.repository
        ))
        .hint(format!(
            "opsctl image promote {from} {}:v1.2.3",
            to.repository
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_keeps_its_tag_in_another_repository() {
        let from: ImageReference = "a.example/app:v1.2.3".parse().unwrap();
        let exact: ImageReference = format!("a.example/app@sha256:{}", "0".repeat(64))
            .parse()
            .unwrap();
        let named = |text: &str| text.parse::<ImageReference>().unwrap();
        let given = |from, to| tag(from, &named(to)).map(|tag| tag.to_string());
        assert_eq!(given(&from, "b.example/app").unwrap(), "v1.2.3");
        assert_eq!(given(&from, "b.example/app:v2.0.0").unwrap(), "v2.0.0");
        assert_eq!(given(&exact, "b.example/app:v2.0.0").unwrap(), "v2.0.0");
        assert!(given(&exact, "b.example/app").is_err());
        assert!(tag(&from, &exact).is_err());
    }
}
