//! What runs on Kubernetes, seen as data: objects and their names.
//!
//! Owns the form of an object. Never asks the API server: [`crate::ports::Cluster`] does.

mod object;

pub use object::{Object, ObjectKind, ObjectRef};
