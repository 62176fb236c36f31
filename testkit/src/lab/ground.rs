//! Where the parts run: apart from the machine, or, where there can be no node, on its loopback.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::addresses::{API_PORT, NODE};
use super::doors;
use super::namespace::Namespace;
use crate::ports::free_ports;

/// The network of a lab.
#[derive(Debug)]
pub struct Ground {
    namespace: Option<Arc<Namespace>>,
    etcd: u16,
    peers: u16,
    api: u16,
    /// Where the API is reached from outside.
    door: u16,
}

impl Ground {
    /// In namespaces of its own; every port is the one that is known.
    pub fn apart(folder: &Path) -> Result<Self> {
        let namespace = Arc::new(Namespace::create(folder)?);
        Ok(Self {
            door: doors::inwards(&namespace, API_PORT)?,
            namespace: Some(namespace),
            etcd: 2379,
            peers: 2380,
            api: API_PORT,
        })
    }

    /// On this machine; every port is one that was free.
    pub fn loopback() -> Result<Self> {
        let [etcd, peers, api] = free_ports()?;
        Ok(Self {
            namespace: None,
            etcd,
            peers,
            api,
            door: api,
        })
    }

    /// A program in this network.
    pub fn beside(&self, program: &Path) -> Command {
        let namespace = self.namespace.as_ref();
        namespace.map_or_else(
            || Command::new(program),
            |namespace| namespace.beside(program),
        )
    }

    /// What a node needs.
    pub fn namespace(&self) -> Result<&Arc<Namespace>> {
        let namespace = self.namespace.as_ref();
        namespace.context("this lab is a control plane without a node")
    }

    /// Whether it is apart from the machine.
    pub fn is_apart(&self) -> bool {
        self.namespace.is_some()
    }

    /// For the API server alone.
    pub fn etcd(&self) -> String {
        format!("http://127.0.0.1:{}", self.etcd)
    }

    /// Others of etcd's kind, of which there are none.
    pub fn peers(&self) -> String {
        format!("http://127.0.0.1:{}", self.peers)
    }

    /// Where the API listens.
    pub fn api_port(&self) -> u16 {
        self.api
    }

    /// The API as the other parts call it.
    pub fn api(&self) -> String {
        let address = if self.is_apart() { NODE } else { "127.0.0.1" };
        format!("https://{address}:{}", self.api)
    }

    /// A port of this machine as the parts call it; where they are apart, a door has to be opened.
    pub fn this_machine(&self, port: u16) -> String {
        let address = if self.is_apart() { NODE } else { "127.0.0.1" };
        format!("https://{address}:{port}/")
    }

    /// The API as this machine calls it.
    pub fn api_from_outside(&self) -> String {
        format!("https://127.0.0.1:{}", self.door)
    }
}
