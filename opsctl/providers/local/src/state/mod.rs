//! The state store in a folder: durable, compare-and-swap by exclusive links.

mod durable;
mod folder;
mod registers;

pub use durable::{create_new, make_folder, sync_folder};
pub use folder::FolderStore;
