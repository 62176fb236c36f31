//! The port to a cluster, kept on a real API server with a real node.

mod access;
mod away;
mod changing;
mod crowd;
mod door;
mod objects;
mod on_the_node;
mod proxy;
mod reading;
mod refusals;
mod restart;
mod stage;
mod targets;
mod watching;
