//! How an image is run: the configuration document, and the labels that say where it comes from.

use std::collections::BTreeMap;

use super::layer::{Layer, NOBODY};
use super::{Digest, Platform, SchemaRange};
use crate::clock::Timestamp;

/// The labels of the OCI image specification that every image carries.
pub mod label {
    /// The commit that it was built from.
    pub const REVISION: &str = "org.opencontainers.image.revision";
    /// Where the source is.
    pub const SOURCE: &str = "org.opencontainers.image.source";
    /// The version that the source calls itself.
    pub const VERSION: &str = "org.opencontainers.image.version";
    /// When the source was committed.
    pub const CREATED: &str = "org.opencontainers.image.created";
    /// The migration that it was built for and needs.
    pub const SCHEMA_NEEDS: &str = "opsctl.schema.needs";
    /// The newest migration that its source had.
    pub const SCHEMA_KNOWS: &str = "opsctl.schema.knows";
    /// What it is called.
    pub const TITLE: &str = "org.opencontainers.image.title";
}

/// Where an image comes from. All of it is of the source, and nothing of the moment: built again, it is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// What it is called.
    pub title: String,
    /// The commit; with `-dirty` where the tree had changes.
    pub revision: String,
    /// Where the source is, where that is known.
    pub source: Option<String>,
    /// The version that the source calls itself.
    pub version: String,
    /// When the source was committed, or `SOURCE_DATE_EPOCH`.
    pub created: Timestamp,
    /// Which schemas it serves; `None` for what uses no database.
    pub schema: Option<SchemaRange>,
}

impl Provenance {
    /// As labels.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        let source = self.source.iter().map(|it| (label::SOURCE, it.clone()));
        [
            (label::TITLE, self.title.clone()),
            (label::REVISION, self.revision.clone()),
            (label::VERSION, self.version.clone()),
            (label::CREATED, self.created.to_string()),
        ]
        .into_iter()
        .chain(source)
        .chain(self.schema.into_iter().flat_map(SchemaRange::labels))
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

/// How the program is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The program and its first arguments.
    pub entrypoint: Vec<String>,
    /// The folder that it starts in.
    pub folder: String,
    /// The ports that it listens on.
    pub ports: Vec<u16>,
}

/// The configuration document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ImageConfig {
    /// When the source was committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Where it runs.
    #[serde(flatten)]
    pub platform: Platform,
    /// How it is started.
    #[serde(default)]
    pub config: RunConfig,
    /// What it consists of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rootfs: Option<RootFs>,
    /// How it came about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<History>,
}

/// How a container of it is started.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunConfig {
    /// As whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// `8000/tcp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposed_ports: Option<BTreeMap<String, Nothing>>,
    /// The program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// Where it starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// What it says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
}

/// `{}`: the specification writes sets so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Nothing {}

/// The layers, unpacked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RootFs {
    /// `layers`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Their digests.
    pub diff_ids: Vec<Digest>,
}

/// One step of how it came about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct History {
    /// When the source was committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// By what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
}

impl ImageConfig {
    /// The configuration of an image of one layer.
    #[must_use]
    pub fn of(platform: &Platform, from: &Provenance, start: &Start, layer: &Layer) -> Self {
        let created = from.created.to_string();
        let port = |port: &u16| (format!("{port}/tcp"), Nothing {});
        Self {
            created: Some(created.clone()),
            platform: platform.clone(),
            config: RunConfig {
                user: Some(format!("{NOBODY}:{NOBODY}")),
                exposed_ports: (!start.ports.is_empty())
                    .then(|| start.ports.iter().map(port).collect()),
                entrypoint: Some(start.entrypoint.clone()),
                working_dir: Some(start.folder.clone()),
                labels: Some(from.labels()),
            },
            rootfs: Some(RootFs {
                kind: "layers".into(),
                diff_ids: vec![layer.diff_id.clone()],
            }),
            history: vec![History {
                created: Some(created),
                created_by: Some("opsctl image build".into()),
            }],
        }
    }

    /// The labels.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        self.config.labels.clone().unwrap_or_default()
    }
}
