//! One check of the repository: its kind, what it can do, and its answer.

use super::judged::judged;
use super::live::{LiveCheck, LiveLook};
use super::spoilt::Spoilt;
use super::written::{Written, of, only};
use super::{alert, document, manifest, promise, terraform, test, text, variable};
use crate::conform::answer::{Answer, Seen};
use crate::conform::expectation::Expectation;
use crate::conform::repository::Repository;
use crate::failure::Result;

/// A check of the repository: where to look, and what to find.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(try_from = "Written")]
pub struct Check {
    look: Look,
    /// What has to be found.
    pub expectation: Expectation,
}

#[derive(Debug, Clone)]
enum Look {
    Terraform(terraform::Terraform),
    Manifest(manifest::InManifest),
    Alert(alert::Alert),
    Text(text::InText),
    Variable(variable::Variable),
    Document(document::InDocument),
    Test(test::Test),
    Promise(promise::Promise),
}

/// What every kind can do.
pub trait Looks {
    /// What is looked at; checks with one target break together.
    fn target(&self) -> String;
    /// The file or folder that it is defined in.
    fn place(&self) -> String;
    /// What is there.
    fn see(&self, repository: &Repository, wanted: &Expectation) -> Result<Seen>;
    /// Ways to break exactly this, each a file with another text.
    fn spoil(&self, repository: &Repository, wanted: &Expectation) -> Result<Vec<Spoilt>>;
}

impl TryFrom<Written> for Check {
    type Error = String;

    fn try_from(written: Written) -> std::result::Result<Self, String> {
        let (kind, mut fields) = only(written)?;
        let expectation = Expectation::taken_from(&mut fields)?;
        let look = match kind.as_str() {
            "terraform" => Look::Terraform(of(fields)?),
            "manifest" => Look::Manifest(of(fields)?),
            "alert" => Look::Alert(of(fields)?),
            "text" => Look::Text(of(fields)?),
            "variable" => Look::Variable(of(fields)?),
            "contract" => Look::Document(of::<document::InContract>(fields)?.into()),
            "document" => Look::Document(of(fields)?),
            "test" => Look::Test(of(fields)?),
            "promise" => Look::Promise(of(fields)?),
            other => {
                return Err(format!(
                    "there is no check '{other}': it is one of terraform, manifest, alert, text, variable, contract, \
                     document, test, promise"
                ));
            }
        };
        Ok(Self { look, expectation })
    }
}

impl Check {
    fn looks(&self) -> &dyn Looks {
        match &self.look {
            Look::Terraform(look) => look,
            Look::Manifest(look) => look,
            Look::Alert(look) => look,
            Look::Text(look) => look,
            Look::Variable(look) => look,
            Look::Document(look) => look,
            Look::Test(look) => look,
            Look::Promise(look) => look,
        }
    }

    /// The kind's word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.look {
            Look::Terraform(_) => "terraform",
            Look::Manifest(_) => "manifest",
            Look::Alert(_) => "alert",
            Look::Text(_) => "text",
            Look::Variable(_) => "variable",
            Look::Document(_) => "document",
            Look::Test(_) => "test",
            Look::Promise(_) => "promise",
        }
    }

    /// What is looked at.
    #[must_use]
    pub fn target(&self) -> String {
        match &self.look {
            // Two texts of one file are two things.
            Look::Text(look) => format!("{} {}", look.target(), self.expectation.told()),
            _ => self.looks().target(),
        }
    }

    /// The file or folder that it is defined in.
    #[must_use]
    pub fn place(&self) -> String {
        self.looks().place()
    }

    /// The same question to the world, where there is one.
    #[must_use]
    pub fn twin(&self) -> Option<LiveCheck> {
        let look = match &self.look {
            Look::Manifest(look) => LiveLook::Kubernetes(look.twin()),
            Look::Terraform(look) => LiveLook::Unasked(look.twin()),
            _ => return None,
        };
        Some(LiveCheck {
            look,
            expectation: self.expectation.clone(),
        })
    }

    /// Looks.
    #[must_use]
    pub fn answer(&self, repository: &Repository) -> Answer {
        let seen = self.looks().see(repository, &self.expectation);
        let target = self.target();
        let expected = self.expectation.told();
        judged(self.kind(), target, expected, &self.expectation, seen)
    }

    /// Ways to break it.
    pub fn spoil(&self, repository: &Repository) -> Result<Vec<Spoilt>> {
        self.looks().spoil(repository, &self.expectation)
    }
}
