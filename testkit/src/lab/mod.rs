//! A real Kubernetes with one node, in a network of its own: nothing of the machine's network changes, and everything is gone
//! when the process that holds it is, however it ends.
//!
//! Its programs are built by `cargo xtask lab up`. Never installs anything.

mod addresses;
mod cgroups;
mod cluster;
mod configuration;
mod control_plane;
mod credentials;
mod doors;
mod images;
mod namespace;
mod node;
mod programs;
mod waiting;

pub use cluster::Lab;
pub use programs::{NETWORK_PLUGINS, OF_DEBIAN, OF_KUBERNETES, tools_folder};
