//! Exports: logical dumps in the bucket of backups, which lies in the backup region and outlives RDS itself.
//!
//! An export is two objects: `exports/<id>/manifest.json`, written when all parts of the dump are there, and `exports/<id>/dump`, which
//! S3 puts together after that. So whoever goes on after a death finds in the manifest what is left to do, and nothing counts before
//! both are there. Never holds more of a dump than one part.

mod create;
mod download;
mod manifest;
mod place;
mod port;
mod source;
mod upload;

pub use port::S3Exports;
