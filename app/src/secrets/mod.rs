//! Owns where secrets come from: a file, or a mounted folder. Never writes one, never repeats one, never decides what it is for.

mod error;
mod file;
mod folder;
mod held;
mod source;

pub use error::SecretsError;
pub use held::Secrets;
pub use source::SecretsSource;
