//! The state store in a folder: durable, compare-and-swap by exclusive links.

mod durable;
mod folder;
mod registers;

pub use folder::FolderStore;
