//! The kinds of checks of the world, as they are written; `conform/live` looks.

use std::collections::BTreeMap;

use super::written::{Written, of, only};
use crate::conform::expectation::Expectation;
use crate::environment::Span;
use crate::ports::{Asset, TlsVersion};

/// A check of the world: where to look, and what to find.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(try_from = "Written")]
pub struct LiveCheck {
    /// Where.
    pub look: LiveLook,
    /// What.
    pub expectation: Expectation,
}

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveLook {
    /// A field of an object in the cluster.
    Kubernetes(OfCluster),
    /// What AWS says.
    Aws(OfAws),
    /// What Terraform made, and nobody asks AWS for.
    Unasked(String),
    /// An answer to a client.
    Http(OfHttp),
    /// Whether a version of TLS is spoken.
    Tls(OfTls),
    /// A setting of the database.
    Setting(OfDatabase),
    /// What a drill left signed.
    Evidence(OfEvidence),
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfCluster {
    /// Kind and name.
    pub object: String,
    /// Where in it.
    pub field: String,
}

/// What of an answer is looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfHttp {
    /// The path.
    pub path: String,
    /// How it is asked; GET unless said otherwise.
    #[serde(default = "get")]
    pub method: String,
    /// Headers to send.
    #[serde(default)]
    pub send: BTreeMap<String, String>,
    /// So many bytes of JSON are sent.
    #[serde(default)]
    pub body_bytes: usize,
    /// The header that is looked at.
    #[serde(default)]
    pub header: Option<String>,
    /// The place in the body that is looked at; neither: the status.
    #[serde(default)]
    pub json: Option<String>,
}

fn get() -> String {
    "GET".into()
}

/// A version of TLS.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfTls {
    /// The newest that the client speaks.
    pub version: TlsVersion,
}

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfDatabase {
    /// Its name.
    pub name: String,
}

/// Evidence of a drill.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfEvidence {
    /// Which drill: `restore`, `failover`.
    pub drill: String,
    /// Which kind of failover: `region`; any unless said otherwise.
    #[serde(default)]
    pub kind: Option<String>,
    /// How old it may be.
    pub fresh: Span,
    /// What of it counts.
    #[serde(default)]
    pub measure: Known,
}

/// What a document of evidence is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// That the drill passed.
    #[default]
    Passed,
    /// How long the restore took.
    Rto,
    /// How much was lost.
    Rpo,
    /// That the data is whole.
    Integrity,
}

impl TryFrom<Written> for LiveCheck {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let (kind, mut fields) = only(written)?;
        let expectation = Expectation::taken_from(&mut fields)?;
        let look = match kind.as_str() {
            "kubernetes" => LiveLook::Kubernetes(of(fields)?),
            "http" => LiveLook::Http(of(fields)?),
            "tls" => LiveLook::Tls(of(fields)?),
            "setting" => LiveLook::Setting(of(fields)?),
            "evidence" => LiveLook::Evidence(of(fields)?),
            "aws" => LiveLook::Aws(of::<WrittenOfAws>(fields)?.read()?),
            other => {
                return Err(format!(
                    "there is no live check '{other}': it is one of kubernetes, http, tls, setting, evidence, aws"
                ));
            }
        };
        Ok(Self { look, expectation })
    }
}

/// A field of something that AWS runs or keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfAws {
    /// What.
    pub asset: Asset,
    /// Where in what AWS says of it.
    pub field: String,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOfAws {
    asset: String,
    field: String,
}

impl WrittenOfAws {
    fn read(self) -> Result<OfAws, String> {
        Ok(OfAws {
            asset: self.asset.parse()?,
            field: self.field,
        })
    }
}

impl LiveLook {
    /// The kind's word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Kubernetes(_) => "kubernetes",
            Self::Aws(_) | Self::Unasked(_) => "aws",
            Self::Http(_) => "http",
            Self::Tls(_) => "tls",
            Self::Setting(_) => "setting",
            Self::Evidence(_) => "evidence",
        }
    }

    /// What is looked at.
    #[must_use]
    pub fn target(&self) -> String {
        match self {
            Self::Kubernetes(look) => format!("{} {}", look.object, look.field),
            Self::Aws(look) => format!("{} {}", look.asset, look.field),
            Self::Unasked(resource) => resource.clone(),
            Self::Http(look) => look.told(),
            Self::Tls(look) => format!("TLS {}", look.version.as_str()),
            Self::Setting(look) => format!("setting {}", look.name),
            Self::Evidence(look) => format!("{}, {}", look.told(), look.measure.told()),
        }
    }
}

impl OfHttp {
    fn told(&self) -> String {
        let what = match (&self.header, &self.json) {
            (Some(header), _) => format!(" header {header}"),
            (None, Some(place)) => format!(" body {place}"),
            (None, None) => " status".to_owned(),
        };
        format!("{} {}{what}", self.method, self.path)
    }
}

impl OfEvidence {
    /// The drill in words.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.kind {
            Some(kind) => format!("{} drill of kind {kind}", self.drill),
            None => format!("{} drill", self.drill),
        }
    }
}

impl Known {
    /// In words.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Rto => "RTO",
            Self::Rpo => "RPO",
            Self::Integrity => "integrity",
        }
    }
}
