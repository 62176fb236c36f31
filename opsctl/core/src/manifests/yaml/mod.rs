//! Owns reading YAML as kustomize reads it, with the line of everything that is wrong. Never looks at what the values mean.

mod anchors;
mod builder;
mod document;
mod scalar;

pub use document::{Document, Unreadable, documents};
