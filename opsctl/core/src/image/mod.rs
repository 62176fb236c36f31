//! Images of the platform's programs: how they are named, made, moved and looked at.
//!
//! Owns the grammar of references, the rules of tags, the documents of the OCI image specification as pure data, and the
//! operations that push and promote. Never compiles anything and never speaks HTTP.

pub mod layer;
pub mod root;

mod assemble;
mod config;
mod digest;
mod immutability;
mod list;
mod look;
mod manifest;
mod reference;
mod repository;
mod sbom;
mod schema;
mod ship;
mod tag;

pub use assemble::{Image, PACKED_GOAL, Parts, UNPACKED_GOAL, UNPACKED_LIMIT, encoded};
pub use config::{ImageConfig, Provenance, RunConfig, Start, label};
pub use digest::Digest;
pub use immutability::{Mover, may_name, of_its_source};
pub use list::{Listed, list};
pub use look::{Resolved, resolve};
pub use manifest::{Descriptor, Document, Index, Manifest, Platform, RawManifest, media_type};
pub use reference::{ImageReference, ManifestName};
pub use repository::Repository;
pub use sbom::sbom;
pub use schema::{SchemaPoint, SchemaRange};
pub use ship::{Freight, Ship, ShipInputs, ShipObserved, Shipment, freight, observe, plan};
pub use tag::{Tag, TagKind};
