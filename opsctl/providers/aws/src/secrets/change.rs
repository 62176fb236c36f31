//! The changes that Secrets Manager is asked for, and how each is known to have taken place.

use std::error::Error;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::types::Tag;
use opsctl_core::ports::{Stage, VersionId};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, FailureKind};

use super::vault::{Described, label};
use crate::trouble;

/// Codes of what passes by itself.
const PASSING: [&str; 6] = [
    "InternalServiceError",
    "InternalServiceErrorException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// One change of one secret.
#[derive(Debug)]
pub enum Change<'a> {
    /// It is made, without a value.
    Create,
    /// A version is put. Its name is the token by which AWS knows a repetition.
    Put {
        version: &'a VersionId,
        stage: Stage,
        text: &'a Secret<String>,
    },
    /// A stage goes to `to`, if it is where `from` says.
    Stage {
        stage: Stage,
        from: Option<&'a VersionId>,
        to: Option<&'a VersionId>,
    },
}

/// Why a change was not answered as it should be.
#[derive(Debug)]
pub struct Trouble {
    /// In words.
    pub failure: Failure,
    /// Whether it may pass.
    pub passes: bool,
}

impl Change<'_> {
    /// Whether the secret is as the change makes it.
    pub fn took_place(&self, seen: Option<&Described>) -> bool {
        let Some(seen) = seen else { return false };
        match self {
            Self::Create => true,
            Self::Put { version, .. } => seen.at.values().any(|it| it == *version),
            Self::Stage {
                stage,
                to: Some(to),
                ..
            } => seen.is_at(*stage, to),
            Self::Stage {
                stage,
                from: Some(from),
                ..
            } => !seen.is_at(*stage, from),
            Self::Stage { .. } => true,
        }
    }

    /// Asks for it, once.
    pub async fn send(&self, client: &Client, name: &str) -> Result<(), Trouble> {
        match self {
            Self::Create => {
                let owner = Tag::builder().key("opsctl:rotation-owner").value("opsctl");
                let made = client.create_secret().name(name).tags(owner.build());
                let sent = made.send().await;
                sent.map(drop).map_err(|error| self.trouble(name, &error))
            }
            Self::Put {
                version,
                stage,
                text,
            } => {
                let put = client.put_secret_value().secret_id(name);
                let put = put
                    .client_request_token(&version.0)
                    .secret_string(text.expose());
                // Without a stage AWS would move the current one.
                let sent = put.version_stages(label(*stage)).send().await;
                sent.map(drop).map_err(|error| self.trouble(name, &error))
            }
            Self::Stage { stage, from, to } => {
                let change = client.update_secret_version_stage().secret_id(name);
                let id = |version: &Option<&VersionId>| version.map(|it| it.0.clone());
                let change = change
                    .version_stage(label(*stage))
                    .set_remove_from_version_id(id(from))
                    .set_move_to_version_id(id(to));
                let sent = change.send().await;
                sent.map(drop).map_err(|error| self.trouble(name, &error))
            }
        }
    }

    fn trouble<E, R>(&self, name: &str, error: &SdkError<E, R>) -> Trouble
    where
        SdkError<E, R>: ProvideErrorMetadata,
        E: Error + 'static,
        R: std::fmt::Debug,
    {
        let what = match self {
            Self::Create => format!("can't make the secret '{name}'"),
            Self::Put { version, .. } => format!("can't put version {version} of '{name}'"),
            Self::Stage { stage, .. } => format!("can't move {} of '{name}'", label(*stage)),
        };
        let failure = trouble::of(what, error);
        let passes = match error.code() {
            Some(code) => PASSING.contains(&code),
            None => failure.kind == FailureKind::Failed,
        };
        Trouble { failure, passes }
    }
}
