//! Whether every image that will run, while the release rolls out and after it, serves the schema that it will find.

use std::collections::BTreeMap;

use super::finding::{PreflightFinding, Weight};
use crate::deploy::prepare::{PinnedImage, SchemaOutlook};

/// What can't serve, and what does not say. The old image is one that runs on beside the new one, and what a failure goes back
/// to: after the release's migrations it must serve as well.
pub fn unservable(
    new: &BTreeMap<String, PinnedImage>,
    old: &BTreeMap<String, PinnedImage>,
    outlook: &SchemaOutlook,
) -> Vec<PreflightFinding> {
    let schema = match outlook {
        SchemaOutlook::Known { then, .. } => *then,
        SchemaOutlook::Unknown(why) => return vec![unknown("the database", why)],
    };
    let mut findings = Vec::new();
    for (name, image) in new {
        findings.extend(of_image(image, "the new image", |range| {
            range.against(schema)
        }));
        let running = old.get(name).filter(|old| old.reference != image.reference);
        if let Some(running) = running {
            let role = "the image that runs now";
            findings.extend(of_image(running, role, |range| range.against(schema)));
        }
    }
    findings
}

fn of_image(
    image: &PinnedImage,
    role: &str,
    against: impl Fn(crate::image::SchemaRange) -> Option<String>,
) -> Option<PreflightFinding> {
    let Some(range) = image.schema else {
        let why = format!("{role} does not say which schemas it serves");
        return Some(unknown(&image.reference, &why));
    };
    let why = against(range)?;
    Some(PreflightFinding {
        weight: Weight::Blocks,
        code: "schema-out-of-range".into(),
        object: image.reference.clone(),
        message: format!("{role} can't serve the schema: {why}"),
        hint: "opsctl migrate status; deploy a version that fits the schema: opsctl image list"
            .into(),
    })
}

fn unknown(object: &str, why: &str) -> PreflightFinding {
    PreflightFinding {
        weight: Weight::Warns,
        code: "schema-unknown".into(),
        object: object.to_owned(),
        message: format!("whether the images serve the schema is not checked: {why}"),
        hint: "images of `opsctl image build` say which schemas they serve".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{SchemaPoint, SchemaRange};

    fn images(tag: &str, needs: Option<i64>) -> BTreeMap<String, PinnedImage> {
        let image = PinnedImage {
            reference: format!("registry/app:{tag}"),
            platforms: Vec::new(),
            schema: needs.map(|needs| SchemaRange {
                needs,
                knows: needs,
            }),
        };
        BTreeMap::from([("app".to_owned(), image)])
    }

    fn then(version: i64, floor: i64) -> SchemaOutlook {
        let live = SchemaPoint { version, floor };
        SchemaOutlook::Known { live, then: live }
    }

    fn found(old: Option<i64>, new: Option<i64>, schema: &SchemaOutlook) -> Vec<(Weight, String)> {
        let found = unservable(&images("v2", new), &images("v1", old), schema);
        let each = found.into_iter();
        each.map(|it| (it.weight, it.object)).collect()
    }

    #[test]
    fn the_new_and_the_old_image_must_both_serve_what_the_schema_becomes() {
        let (new, old) = ("registry/app:v2".to_owned(), "registry/app:v1".to_owned());
        assert_eq!(found(Some(4), Some(5), &then(5, 1)), []);
        assert_eq!(
            found(Some(4), Some(6), &then(5, 1)),
            [(Weight::Blocks, new.clone())]
        );
        assert_eq!(
            found(Some(4), Some(5), &then(5, 5)),
            [(Weight::Blocks, old.clone())]
        );
        assert_eq!(
            found(Some(5), Some(4), &then(5, 5)),
            [(Weight::Blocks, new)]
        );
        assert_eq!(found(None, Some(5), &then(5, 1)), [(Weight::Warns, old)]);
    }

    #[test]
    fn what_nobody_knows_is_said_and_stops_nothing() {
        assert_eq!(found(Some(4), None, &then(5, 1))[0].0, Weight::Warns);
        let silent = SchemaOutlook::Unknown("it does not answer".into());
        assert_eq!(
            found(Some(4), Some(9), &silent),
            [(Weight::Warns, "the database".into())]
        );
    }
}
