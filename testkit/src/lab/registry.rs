//! The lab's registries: one that is open to everybody, and a second door to the same images that asks for a name and a password.
//! One address names each of them to this machine and to the node. Both speak plain HTTP, as nobody else can reach them.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::addresses::NODE;
use super::http::Question;
use super::images::{Image, Layout, MANIFEST, digest};
use super::namespace::Namespace;

/// Who may pull from the private registry.
#[derive(Debug, Clone)]
pub struct Account {
    /// For `--docker-username`.
    pub name: &'static str,
    /// For `--docker-password`; another one in every lab.
    pub password: String,
}

/// A registry, as this machine and the node know it.
#[derive(Debug, Clone)]
pub struct Registry {
    address: String,
    account: Option<Account>,
}

impl Registry {
    pub(super) fn new(port: u16, account: Option<Account>) -> Self {
        let address = format!("127.0.0.1:{port}");
        Self { address, account }
    }

    /// What images are pushed to from here, and what their names in a pod begin with.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Who may pull, where not everybody may.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// Pushes an image as `name:tag`; returns what a pod calls it.
    ///
    /// # Errors
    /// With what the registry said.
    pub fn push(&self, image: &Image, name: &str) -> Result<String> {
        let blobs = image.blobs().map(<[u8]>::to_vec);
        self.push_whole(&blobs, &image.manifest()?, name)
    }

    /// Pushes the image that a folder in the OCI image layout holds, as `name:tag`; returns what a pod calls it.
    ///
    /// # Errors
    /// When the folder is none, or with what the registry said.
    pub fn push_layout(&self, folder: &Path, name: &str) -> Result<String> {
        let image = Layout::read(folder)?;
        self.push_whole(&image.blobs, &image.manifest, name)
    }

    fn push_whole(&self, blobs: &[Vec<u8>], manifest: &[u8], name: &str) -> Result<String> {
        let (repository, tag) = name.split_once(':').context("a name is NAME:TAG")?;
        for blob in blobs {
            let begin = self.put("POST", &format!("/v2/{repository}/blobs/uploads/"), "", &[])?;
            let place = begin.context("the registry names no place for the blob")?;
            let place = place.trim_start_matches(&format!("http://{}", self.address));
            let place = format!("{place}&digest={}", digest(blob));
            self.put("PUT", &place, "application/octet-stream", blob)?;
        }
        let place = format!("/v2/{repository}/manifests/{tag}");
        self.put("PUT", &place, MANIFEST, manifest)?;
        Ok(format!("{}/{name}", self.address))
    }

    /// Takes an image out of a repository, under whatever tags.
    ///
    /// # Errors
    /// With what the registry said.
    pub fn remove(&self, image: &Image, repository: &str) -> Result<()> {
        let name = digest(&image.manifest()?);
        let place = format!("/v2/{repository}/manifests/{name}");
        self.put("DELETE", &place, "", &[]).map(drop)
    }

    /// Returns where the registry says that the thing is.
    fn put(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Option<String>> {
        let question = Question {
            method,
            path,
            kind,
            body,
        };
        let answer = question.ask(TcpStream::connect(&self.address)?, &self.address)?;
        let answer = answer.one_of(&[201, 202])?;
        Ok(answer.header("location").map(str::to_owned))
    }

    /// Tells the node that this address means a port of its own.
    pub(super) fn introduce(&self, node: &Path, port: u16) -> Result<()> {
        introduce(
            node,
            &self.address,
            &hosts(&format!("http://{NODE}:{port}")),
        )
    }
}

/// Tells a node what to do with the images of a registry.
pub(super) fn introduce(node: &Path, address: &str, hosts: &str) -> Result<()> {
    let folder = node.join("registries").join(address);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join("hosts.toml"), hosts)?)
}

/// That they are had at that server.
pub(super) fn hosts(server: &str) -> String {
    format!(
        "server = \"{server}\"\n[host.\"{server}\"]\n  capabilities = [\"pull\", \"resolve\"]\n"
    )
}

/// The same from a server that lets nobody in who does not show this.
pub(super) fn hosts_showing(server: &str, authorization: &str) -> String {
    let header =
        format!("  [host.\"{server}\".header]\n    Authorization = [\"{authorization}\"]\n");
    hosts(server) + &header
}

/// Whether one answers at this port of the node; who is asked for a password has been answered.
pub fn answers(namespace: &Namespace, port: u16) -> bool {
    let connection = namespace.connect(port);
    let answer = connection.and_then(|connection| Question::get("/v2/").ask(connection, NODE));
    answer.is_ok_and(|answer| [200, 401].contains(&answer.status))
}

/// A process of the registry on the images of a folder.
#[derive(Debug, Clone, Copy)]
pub struct Process<'a> {
    pub program: &'a Path,
    pub images: &'a Path,
    pub port: u16,
    pub account: Option<&'a Account>,
}

impl Process<'_> {
    /// Its command line; what it is told by file is written to the folder.
    pub fn command(&self, namespace: &Namespace, folder: &Path) -> Result<Command> {
        fs::create_dir_all(folder)?;
        let (images, port) = (self.images.display(), self.port);
        let mut told = format!(
            "version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: '{images}'}}, delete: {{enabled: true}}}}
http: {{addr: '{NODE}:{port}'}}
"
        );
        if let Some(account) = self.account {
            let accounts = folder.join("accounts");
            fs::write(&accounts, self.line_of(account)?)?;
            let accounts = accounts.display();
            told.push_str(&format!(
                "auth: {{htpasswd: {{realm: lab, path: '{accounts}'}}}}\n"
            ));
        }
        let configuration = folder.join("registry.yaml");
        fs::write(&configuration, told)?;
        let mut command = namespace.beside(Path::new("/usr/bin/env"));
        // It would send traces to a collector that is not there.
        command.arg("OTEL_TRACES_EXPORTER=none").arg(self.program);
        command.arg("serve").arg(configuration);
        Ok(command)
    }

    /// The account as the file of accounts has it: the registry's own program hashes the password.
    fn line_of(&self, account: &Account) -> Result<Vec<u8>> {
        let mut hashing = Command::new(self.program);
        hashing.args(["account", account.name, &account.password]);
        let output = hashing.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "hash the password: {said}");
        Ok(output.stdout)
    }
}
