//! The secrets: each that the first region has is replicated, with the same version current. Where the first region says nothing, that
//! without which nobody gets in must be there.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::Client;
use opsctl_core::Result;
use opsctl_core::ports::Part;
use opsctl_core::secrets::SecretKind;

use super::unseen;
use crate::account::{Aws, Side};
use crate::trouble;

const SECRETS: &str = "secrets";
const KEY: &str = "key of evidence";
const CURRENT: &str = "AWSCURRENT";

/// The current version of each secret that there is.
type Current = BTreeMap<&'static str, String>;

pub(super) async fn parts(aws: &Aws) -> [Part; 2] {
    let there = match current(aws, Side::Backup).await {
        Ok(there) => there,
        Err(failure) => return [unseen(SECRETS, &failure), unseen(KEY, &failure)],
    };
    let here = aws.heard(
        Side::Home,
        "the secrets are compared",
        Box::pin(current(aws, Side::Home)),
    );
    [compared(aws, here.await.ok(), &there), key(aws, &there)]
}

async fn current(aws: &Aws, side: Side) -> Result<Current> {
    let client = Client::new(&aws.config(side).await?);
    let mut found = Current::new();
    for kind in SecretKind::ALL {
        let name = aws.settings().secret(kind.stored_as());
        let told = match client.describe_secret().secret_id(&name).send().await {
            Ok(told) => told,
            Err(error) if trouble::is(&error, "ResourceNotFoundException") => continue,
            Err(error) => {
                let what = format!("can't ask for the secret '{name}'");
                return Err(trouble::of(what, &error));
            }
        };
        let stages = told.version_ids_to_stages.unwrap_or_default();
        let current = stages
            .into_iter()
            .find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT));
        found.extend(current.map(|(version, _)| (kind.stored_as(), version)));
    }
    Ok(found)
}

fn compared(aws: &Aws, here: Option<Current>, there: &Current) -> Part {
    let (home, place) = (aws.region(Side::Home), aws.region(Side::Backup));
    let wrong: Vec<String> = match &here {
        Some(here) => here
            .iter()
            .filter_map(|(name, version)| match there.get(name) {
                None => Some(format!("{name} is not in {place}")),
                Some(other) if other != version => Some(format!("{name} is older in {place}")),
                Some(_) => None,
            })
            .collect(),
        None => Some(SecretKind::Master.stored_as())
            .filter(|name| !there.contains_key(name))
            .map(|name| format!("{name} is not in {place}"))
            .into_iter()
            .collect(),
    };
    if !wrong.is_empty() {
        let cure = format!(
            "aws secretsmanager replicate-secret-to-regions --region {home} --add-replica-regions Region={place}"
        );
        return Part::lacking(SECRETS, wrong.join(", "), cure);
    }
    let names: Vec<&str> = there.keys().copied().collect();
    let held = match here {
        Some(_) => format!("as in {home}"),
        None => format!("{home} does not answer: not compared"),
    };
    Part::ready(SECRETS, format!("{} in {place}, {held}", names.join(", ")))
}

fn key(aws: &Aws, there: &Current) -> Part {
    let (name, place) = (SecretKind::Signing.stored_as(), aws.region(Side::Backup));
    match there.contains_key(name) {
        true => Part::ready(KEY, format!("secret {name} in {place}")),
        false => Part::lacking(
            KEY,
            format!("the secret {name} is not in {place}: nothing could be signed"),
            "opsctl evidence key makes it; terraform apply replicates it",
        ),
    }
}
