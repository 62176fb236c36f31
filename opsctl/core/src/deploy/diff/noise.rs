//! What the API server writes into an object by itself: no difference that anybody made.

use super::path::FieldPath;

const PLACES: [&[&str]; 12] = [
    &["apiVersion"],
    &["kind"],
    &["status"],
    &["metadata", "creationTimestamp"],
    &["metadata", "generation"],
    &["metadata", "managedFields"],
    &["metadata", "resourceVersion"],
    &["metadata", "selfLink"],
    &["metadata", "uid"],
    &[
        "metadata",
        "annotations",
        "deployment.kubernetes.io/revision",
    ],
    &[
        "metadata",
        "annotations",
        "deprecated.daemonset.template.generation",
    ],
    // A copy of the whole object, values of secrets too.
    &[
        "metadata",
        "annotations",
        "kubectl.kubernetes.io/last-applied-configuration",
    ],
];

/// Whether a field is the server's own.
#[must_use]
pub fn is_noise(path: &FieldPath) -> bool {
    PLACES.iter().any(|place| path.is_in(place))
}
