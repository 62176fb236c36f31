//! Secrets that were there before they were kept in versions: what the files of the environment hold is the first version.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use opsctl_core::clock::Timestamp;
use opsctl_core::ports::{Stage, VersionId};
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, Result};
use serde_json::Value;

use super::handed::{FILE, VARIABLES};
use super::vault::{Held, Vault, Version};

/// Adds what the vault does not know yet. A file's last change is when its secret was made.
pub fn fill(vault: &mut Vault, folder: &Path) -> Result<()> {
    let handed = folder.join(FILE);
    let values = values(&handed)?;
    for (kind, variable) in VARIABLES {
        if vault.secrets.contains_key(&kind) {
            continue;
        }
        let stages = [
            (variable.to_owned(), "found", Stage::Current),
            (format!("{variable}_NEXT"), "found-next", Stage::Pending),
            (
                format!("{variable}_PREVIOUS"),
                "found-previous",
                Stage::Previous,
            ),
        ];
        for (name, id, stage) in stages {
            if let Some(text) = values.get(&name).filter(|text| !text.is_empty()) {
                let value = Held::Text { text: text.clone() };
                add(vault, kind, (id, stage, value), changed(&handed)?);
            }
        }
    }
    credentials(vault, folder)?;
    signing_key(vault, folder)
}

/// The object of texts in `secrets.json`; empty where there is no such file.
pub fn values(path: &Path) -> Result<BTreeMap<String, String>> {
    let Some(text) = text(path)? else {
        return Ok(BTreeMap::new());
    };
    // serde's own words would repeat what stands around the mistake.
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("{} is no JSON object of texts", path.display()))
            .cause(format!("line {}", error.line()))
    })
}

/// The text of a file; `None` where there is none.
pub fn text(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::failed(format!("can't read {}", path.display())).because(error)),
    }
}

/// The login and the password file that the descriptor names.
fn credentials(vault: &mut Vault, folder: &Path) -> Result<()> {
    let kind = SecretKind::Database;
    let Some(document) =
        text(&folder.join("database.json"))?.filter(|_| !vault.secrets.contains_key(&kind))
    else {
        return Ok(());
    };
    let document: Value = serde_json::from_str(&document).unwrap_or_default();
    let (Some(user), Some(file)) = (user(&document), document["password_file"].as_str()) else {
        return Ok(());
    };
    let file = Path::new(file);
    if let Some(password) = text(file)? {
        let value = Held::Login {
            username: user,
            password: password.trim_end().to_owned(),
        };
        add(
            vault,
            kind,
            ("found", Stage::Current, value),
            changed(file)?,
        );
    }
    Ok(())
}

fn user(document: &Value) -> Option<String> {
    let (_, rest) = document["url"].as_str()?.split_once("://")?;
    let (user, _) = rest.split_once('@')?;
    Some(user.to_owned())
}

fn signing_key(vault: &mut Vault, folder: &Path) -> Result<()> {
    let file = folder.join(super::place::SIGNING_KEY);
    if let Some(key) = text(&file)?.filter(|_| !vault.secrets.contains_key(&SecretKind::Signing)) {
        let value = Held::Text {
            text: key.trim_end().to_owned(),
        };
        let what = ("found", Stage::Current, value);
        add(vault, SecretKind::Signing, what, changed(&file)?);
    }
    Ok(())
}

fn add(vault: &mut Vault, kind: SecretKind, what: (&str, Stage, Held), created_at: Timestamp) {
    let (id, stage, value) = what;
    vault.secrets.entry(kind).or_default().push(Version {
        id: VersionId(id.to_owned()),
        created_at,
        stages: vec![stage],
        value: Some(value),
    });
}

fn changed(path: &Path) -> Result<Timestamp> {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    modified
        .map(|time| Timestamp(time.into()))
        .map_err(|error| {
            Failure::failed(format!("can't look at {}", path.display())).because(error)
        })
}
