//! Every address of the lab. They are of the range kept for measuring devices (RFC 2544): no office and no cloud uses it.

use std::net::Ipv4Addr;

/// The node, and everything that runs beside its pods.
pub const NODE: &str = "198.19.255.254";
/// Where Kubernetes takes the addresses of services from.
pub const SERVICES: &str = "198.19.0.0/17";
/// The API inside the cluster: the first of the services.
pub const API_SERVICE: &str = "198.19.0.1";
/// Names are looked up here.
pub const DNS_SERVICE: &str = "198.19.0.10";
/// The ends of cables to the machine that the lab runs on: the machine's, and the lab's. There are 128 of them.
pub const fn ends_of_cable(number: u8) -> [Ipv4Addr; 2] {
    let first = (number % 128) * 2;
    [
        Ipv4Addr::new(198, 19, 254, first),
        Ipv4Addr::new(198, 19, 254, first + 1),
    ]
}
/// Where pods take theirs from.
pub const PODS: &str = "198.18.0.0/16";
/// Of the API.
pub const API_PORT: u16 = 6443;
/// Where CoreDNS says that it is ready; it answers on the port of its trade.
pub const DNS_READY_PORT: u16 = 8181;
/// Of metrics-server.
pub const METRICS_PORT: u16 = 4443;
/// Of the registry that is open to everybody.
pub const REGISTRY_PORT: u16 = 5000;
/// Of the registry that asks for a password.
pub const PRIVATE_REGISTRY_PORT: u16 = 5001;
