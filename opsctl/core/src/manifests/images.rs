//! Which image a container gets, by the name under which it stands in the manifests.

use serde_json::Value;

use super::Manifest;
use super::kustomization::Image;

/// The fields whose entries have an image.
const LISTS: [&str; 2] = ["containers", "initContainers"];

/// What one entry of `images:` does.
pub fn apply(manifests: &mut [Manifest], image: &Image) {
    for manifest in manifests {
        // The schemas of a custom resource describe containers and have none.
        if manifest.kind() != "CustomResourceDefinition" {
            each_image(manifest.value_mut(), &mut |reference| {
                if parts(reference).0 == image.name {
                    *reference = image.applied_to(reference);
                }
            });
        }
    }
}

fn each_image(value: &mut Value, change: &mut dyn FnMut(&mut String)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each_image(item, change)),
        Value::Object(fields) => {
            for (field, value) in fields.iter_mut() {
                if LISTS.contains(&field.as_str()) {
                    let containers = value.as_array_mut().into_iter().flatten();
                    for container in containers {
                        if let Some(Value::String(image)) = container.get_mut("image") {
                            change(image);
                        }
                    }
                }
                each_image(value, change);
            }
        }
        _ => {}
    }
}

/// Name, tag and digest of a reference.
fn parts(reference: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, digest) = match reference.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (reference, None),
    };
    // A colon before the last slash belongs to a port.
    let from = rest.rfind('/').unwrap_or(0);
    match rest[from..].find(':') {
        Some(at) => (&rest[..from + at], Some(&rest[from + at + 1..]), digest),
        None => (rest, None, digest),
    }
}

impl Image {
    fn applied_to(&self, old: &str) -> String {
        let (name, tag, digest) = parts(old);
        let (tag, digest) = match (&self.new_tag, &self.digest) {
            (None, None) => (tag, digest),
            (tag, digest) => (tag.as_deref(), digest.as_deref()),
        };
        let mut new = self.new_name.as_deref().unwrap_or(name).to_owned();
        for (sign, part) in [(':', tag), ('@', digest)] {
            if let Some(part) = part {
                new.push(sign);
                new.push_str(part);
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_a_name_and_perhaps_a_tag_and_a_digest() {
        assert_eq!(parts("app"), ("app", None, None));
        assert_eq!(parts("host:5000/a/app"), ("host:5000/a/app", None, None));
        let all = parts("host:5000/app:v1@sha256:ab");
        assert_eq!(all, ("host:5000/app", Some("v1"), Some("sha256:ab")));
    }

    #[test]
    fn a_new_tag_or_digest_takes_the_place_of_both() {
        let image = |new_tag: Option<&str>, digest: Option<&str>| Image {
            name: "app".into(),
            new_name: Some("r/app".into()),
            new_tag: new_tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        };
        assert_eq!(
            image(Some("v2"), None).applied_to("app@sha256:ab"),
            "r/app:v2"
        );
        assert_eq!(
            image(None, Some("sha256:cd")).applied_to("app:v1"),
            "r/app@sha256:cd"
        );
        assert_eq!(image(None, None).applied_to("app:v1"), "r/app:v1");
    }
}
