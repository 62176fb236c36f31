//! Owns where secrets come from, a file, a mounted folder or AWS Secrets Manager, and what they are now. Never writes one, never repeats one, never
//! decides what it is for.

mod aws;
mod error;
mod file;
mod folder;
mod held;
mod live;
mod source;
mod store;

pub use error::SecretsError;
pub use held::{Secrets, Version};
pub use live::{Apply, Follow, Live, REVISION, Reread, VERSION};
pub use source::SecretsSource;
pub use store::SecretsStore;
