//! Owns turning a folder of kustomize into the objects of a cluster: the part of kustomize that this platform uses, to the letter,
//! and a refusal by name of every other part. Never reads a file, and never speaks to a cluster: both are handed in.

mod checks;
mod files;
mod images;
mod kinds;
mod kustomization;
mod labels;
mod manifest;
mod namespaces;
mod outputs;
mod patch;
mod path;
mod render;
mod source;
mod walk;
mod yaml;

pub use files::{Entry, Files};
pub use kinds::{Kinds, Scope};
pub use manifest::{Manifest, ObjectId};
pub use outputs::{Outputs, fill_outputs};
pub use render::render;
pub use source::PLACEHOLDER;
pub(crate) use yaml::documents;
