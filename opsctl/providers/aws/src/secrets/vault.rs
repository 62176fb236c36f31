//! Secrets Manager, asked: what it tells of a secret and its versions, and what these hold. Changes nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::retry::RetryConfig;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::{Client, config};
use opsctl_core::clock::Timestamp;
use opsctl_core::ports::{Stage, VersionId};
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, Result};
use tokio::sync::OnceCell;

use super::document::Document;
use super::place::Place;
use crate::account::{Aws, Side};
use crate::{moments, trouble};

/// A secret that is not there, or a version of it that holds nothing.
const NOT_FOUND: &str = "ResourceNotFoundException";

/// AWS's word for a stage.
pub const fn label(stage: Stage) -> &'static str {
    match stage {
        Stage::Current => "AWSCURRENT",
        Stage::Pending => "AWSPENDING",
        Stage::Previous => "AWSPREVIOUS",
    }
}

const STAGES: [Stage; 3] = [Stage::Current, Stage::Pending, Stage::Previous];

/// The secrets of one environment. Cheap to clone; asks nothing before it is used.
#[derive(Debug, Clone)]
pub struct Vault {
    aws: Aws,
    side: Side,
    clients: Arc<OnceCell<Clients>>,
    /// A version never changes: what it holds is looked at once.
    known: Arc<Mutex<HashMap<(SecretKind, VersionId), Held>>>,
}

#[derive(Debug)]
struct Clients {
    /// Repeats what it asks.
    asking: Client,
    /// Repeats nothing: whoever changes something looks first whether it was done.
    changing: Client,
}

/// A secret, as it was told.
#[derive(Debug, Clone, Default)]
pub struct Described {
    /// The version of each stage.
    pub at: BTreeMap<Stage, VersionId>,
    /// Who else rotates it.
    pub rotated_by: Option<String>,
}

impl Described {
    /// Whether a version has a stage.
    pub fn is_at(&self, stage: Stage, version: &VersionId) -> bool {
        self.at.get(&stage) == Some(version)
    }

    /// The versions with their stages.
    pub fn versions(&self) -> BTreeMap<&VersionId, Vec<Stage>> {
        let mut versions: BTreeMap<&VersionId, Vec<Stage>> = BTreeMap::new();
        for (stage, version) in &self.at {
            versions.entry(version).or_default().push(*stage);
        }
        versions
    }
}

/// What may be known of what a version holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// No value of its kind.
    Nothing,
    /// Something of another form, which nobody can use.
    Odd,
    /// A value; of a database's login whose it is, and where it leads.
    Value {
        login: Option<String>,
        place: Option<Place>,
    },
}

impl Vault {
    /// The secrets of that account's environment.
    #[must_use]
    pub fn of(aws: Aws) -> Self {
        Self::at(aws, Side::Home)
    }

    /// Their replicas, where it is asked in the backup region.
    #[must_use]
    pub fn at(aws: Aws, side: Side) -> Self {
        Self {
            aws,
            side,
            clients: Arc::default(),
            known: Arc::default(),
        }
    }

    /// What the names of this environment's secrets begin with.
    pub fn prefix(&self) -> String {
        format!("{}/", self.aws.settings().name)
    }

    /// A secret's full name.
    pub fn name(&self, kind: SecretKind) -> String {
        format!("{}{}", self.prefix(), kind.stored_as())
    }

    async fn clients(&self) -> Result<&Clients> {
        let open = || async {
            let known = self.aws.config(self.side).await?;
            let once = config::Builder::from(&known).retry_config(RetryConfig::disabled());
            Ok(Clients {
                asking: Client::new(&known),
                changing: Client::from_conf(once.build()),
            })
        };
        self.clients.get_or_try_init(open).await
    }

    pub(super) async fn changing(&self) -> Result<&Client> {
        Ok(&self.clients().await?.changing)
    }

    /// What is told of a secret; `None` when it is not there.
    pub async fn describe(&self, kind: SecretKind) -> Result<Option<Described>> {
        let name = self.name(kind);
        let asked = self.clients().await?.asking.describe_secret();
        match asked.secret_id(&name).send().await {
            Ok(told) if told.deleted_date().is_some() => Err(ending(&name)),
            Ok(told) => Ok(Some(described(&told))),
            Err(error) if error.code() == Some(NOT_FOUND) => Ok(None),
            Err(error) => Err(trouble::of(
                format!("can't look at the secret '{name}'"),
                &error,
            )),
        }
    }

    /// Since when each version exists.
    pub async fn dates(&self, kind: SecretKind) -> Result<HashMap<VersionId, Timestamp>> {
        let name = self.name(kind);
        let listed = self.clients().await?.asking.list_secret_version_ids();
        let mut pages = listed.secret_id(&name).into_paginator().send();
        let mut dates = HashMap::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                trouble::of(format!("can't look at the versions of '{name}'"), &error)
            })?;
            let dated = page.versions().iter().filter_map(|version| {
                let id = VersionId(version.version_id()?.to_owned());
                Some((id, moments::told(version.created_date())?))
            });
            dates.extend(dated);
        }
        Ok(dates)
    }

    /// What a version holds; `None` when it holds nothing.
    ///
    /// # Errors
    /// When it is of another form, or can't be read.
    pub async fn read(&self, kind: SecretKind, version: &VersionId) -> Result<Option<Document>> {
        let Some(text) = self.text(kind, version).await? else {
            return Ok(None);
        };
        let document = Document::parse(kind, &text);
        document
            .map(Some)
            .ok_or_else(|| odd(&self.name(kind), version))
    }

    async fn text(&self, kind: SecretKind, version: &VersionId) -> Result<Option<String>> {
        let name = self.name(kind);
        let asked = self.clients().await?.asking.get_secret_value();
        match asked.secret_id(&name).version_id(&version.0).send().await {
            Ok(told) => Ok(Some(told.secret_string.unwrap_or_default())),
            Err(error) if error.code() == Some(NOT_FOUND) => Ok(None),
            Err(error) => Err(trouble::of(
                format!("can't read version {version} of '{name}'"),
                &error,
            )),
        }
    }

    /// What may be known of what a version holds.
    pub async fn held(&self, kind: SecretKind, version: &VersionId) -> Result<Held> {
        let key = (kind, version.clone());
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = known().get(&key) {
            return Ok(held.clone());
        }
        let held = match self.text(kind, version).await? {
            // Whoever began may still give it its value.
            None => return Ok(Held::Nothing),
            Some(text) => held(kind, &text),
        };
        known().insert(key, held.clone());
        Ok(held)
    }

    /// What the current version holds; `None` while it holds nothing.
    pub async fn current(&self, kind: SecretKind) -> Result<Option<(VersionId, Document)>> {
        let described = self.describe(kind).await?.unwrap_or_default();
        let Some(version) = described.at.get(&Stage::Current) else {
            return Ok(None);
        };
        let document = self.read(kind, version).await?;
        let whole = document.filter(|document| document.value(kind).is_some());
        Ok(whole.map(|document| (version.clone(), document)))
    }

    /// The full names of whatever lies below the prefix.
    pub async fn names(&self) -> Result<Vec<String>> {
        let listed = self.clients().await?.asking.list_secrets();
        let mut pages = listed.into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| trouble::of("can't list the secrets", &error))?;
            let all = page.secret_list.unwrap_or_default().into_iter();
            names.extend(all.filter_map(|secret| secret.name));
        }
        names.retain(|name| name.starts_with(&self.prefix()));
        names.sort();
        Ok(names)
    }
}

fn held(kind: SecretKind, text: &str) -> Held {
    let Some(document) = Document::parse(kind, text) else {
        return Held::Odd;
    };
    use opsctl_core::ports::SecretValue;
    match (kind, document.value(kind)) {
        (_, None) => Held::Nothing,
        (SecretKind::Database, Some(SecretValue::Login { user, .. })) => Held::Value {
            login: Some(user),
            place: document.place(),
        },
        (_, Some(_)) => Held::Value {
            login: None,
            place: None,
        },
    }
}

fn described(told: &DescribeSecretOutput) -> Described {
    let mut at = BTreeMap::new();
    for (version, labels) in told.version_ids_to_stages().into_iter().flatten() {
        for stage in STAGES {
            if labels.iter().any(|it| it == label(stage)) {
                at.insert(stage, VersionId(version.clone()));
            }
        }
    }
    let by_function = told.rotation_enabled().unwrap_or_default().then(|| {
        let function = told.rotation_lambda_arn().unwrap_or("a function");
        format!("Secrets Manager itself, through {function}")
    });
    let owner = told.owning_service();
    let by_owner = owner.map(|service| format!("the service {service}, which owns it"));
    Described {
        at,
        rotated_by: by_owner.or(by_function),
    }
}

fn ending(name: &str) -> Failure {
    Failure::refused(format!("the secret '{name}' is to be deleted"))
        .cause("nobody can read or change it")
        .left("nothing was changed")
        .hint(format!(
            "aws secretsmanager restore-secret --secret-id {name}"
        ))
}

/// What a version of another form is told as.
pub fn odd(name: &str, version: &VersionId) -> Failure {
    Failure::refused(format!(
        "version {version} of '{name}' is no JSON object of texts"
    ))
    .cause("somebody wrote it by hand")
    .left("nothing was changed")
    .hint("put what it holds into the form that runbooks/secrets.md shows")
}
