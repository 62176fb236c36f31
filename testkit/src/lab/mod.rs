//! A real Kubernetes with one node, in a network of its own: nothing of the machine's network changes, and everything is gone
//! when the process that holds it is, however it ends.
//!
//! Its programs are built by `cargo xtask lab up`. Never installs anything.

mod addons;
mod addresses;
mod audit;
mod authenticator;
mod cable;
mod cgroups;
mod cluster;
mod configuration;
mod control_plane;
mod credentials;
mod doors;
mod ground;
mod http;
mod https;
mod images;
mod namespace;
mod node;
mod parts;
mod programs;
mod registry;
mod site;
mod start;
mod waiting;
mod webhook;

pub use authenticator::{Authenticator, Person};
pub use cable::Cable;
pub use cluster::Lab;
pub use images::Image;
pub use parts::Part;
pub use programs::{
    NETWORK_PLUGINS, OF_DEBIAN, OF_KUBERNETES, OF_OTHERS, Shape, kubectl, tools_folder,
};
pub use registry::{Account, Registry};
pub use webhook::Webhook;
