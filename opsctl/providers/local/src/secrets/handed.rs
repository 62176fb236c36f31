//! What `secrets.json` holds: the file that the application follows. Pure.

use std::collections::BTreeMap;

use opsctl_core::ports::Stage;
use opsctl_core::secrets::SecretKind;
use sha2::{Digest, Sha256};

use super::vault::{Held, Vault, Version};

/// The file that the application follows (`SECRETS_FILE`).
pub const FILE: &str = "secrets.json";
/// Under this name the file counts how often it was written.
pub const REVISION: &str = "SECRETS_REVISION";

/// The secrets that are handed over as variables.
pub const VARIABLES: [(SecretKind, &str); 4] = [
    (SecretKind::Jwt, "JWT_SECRET"),
    (SecretKind::ApiKey, "API_KEY"),
    (SecretKind::Redis, "REDIS_URL"),
    (SecretKind::Smtp, "SMTP_URL"),
];

/// The variables that hold a secret of the vault, as they are to be.
pub fn wanted(vault: &Vault) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (kind, variable) in VARIABLES {
        let mut put = |name: String, version: Option<&Version>| {
            if let Some(Held::Text { text }) = version.and_then(|version| version.value.as_ref()) {
                all.insert(name, text.clone());
            }
        };
        put(variable.to_owned(), vault.at(kind, Stage::Current));
        if kind.overlaps() {
            put(
                format!("{variable}_PREVIOUS"),
                vault.at(kind, Stage::Previous),
            );
        }
        let pending = vault.at(kind, Stage::Pending);
        // Only a key that is verified is read before it is used; one that was moved is read as what it is now.
        if kind == SecretKind::Jwt {
            let next = pending.filter(|version| version.stages == [Stage::Pending]);
            put(format!("{variable}_NEXT"), next);
        }
    }
    all
}

/// The part of a file's content that holds secrets of the vault; the rest is nobody's business here.
pub fn ours(content: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let is_ours = |name: &str| {
        VARIABLES.iter().any(|(_, variable)| {
            name.strip_prefix(variable)
                .is_some_and(|rest| ["", "_NEXT", "_PREVIOUS"].contains(&rest))
        })
    };
    let all = content.iter().filter(|(name, _)| is_ours(name));
    all.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The names in a file's content that are no secret of the vault.
pub fn strays(content: &BTreeMap<String, String>) -> Vec<String> {
    let ours = ours(content);
    let all = content.keys();
    all.filter(|name| !ours.contains_key(*name) && *name != REVISION)
        .cloned()
        .collect()
}

/// How often it was written; 0 where nobody counts.
pub fn revision(content: &BTreeMap<String, String>) -> u64 {
    let text = content.get(REVISION);
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Tells whether somebody else wrote there. Kept beside the values, so it gives nothing away.
pub fn digest(ours: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for (name, value) in ours {
        hash.update(format!("{}:{name}{}:{value}", name.len(), value.len()));
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use opsctl_core::clock::Timestamp;
    use opsctl_core::ports::{SecretValue, VersionId};
    use opsctl_core::secret::Secret;

    use super::*;

    fn vault() -> Vault {
        let now = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
        let id = |name: &str| VersionId(name.to_owned());
        let mut vault = Vault::default();
        for kind in [SecretKind::Jwt, SecretKind::Smtp] {
            let mut before = None;
            for name in ["one", "two"] {
                let value = SecretValue::Text(Secret::new(name.to_owned()));
                vault.put_pending(kind, &id(name), (&value, now)).unwrap();
                vault
                    .move_current(kind, before.as_ref(), &id(name))
                    .unwrap();
                vault.drop_stage(kind, Stage::Pending, &id(name));
                before = Some(id(name));
            }
            let value = SecretValue::Text(Secret::new("three".to_owned()));
            vault
                .put_pending(kind, &id("three"), (&value, now))
                .unwrap();
        }
        vault
    }

    #[test]
    fn a_key_is_read_before_and_after_and_an_address_is_not() {
        let wanted = wanted(&vault());
        let names: Vec<&str> = wanted.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "JWT_SECRET",
                "JWT_SECRET_NEXT",
                "JWT_SECRET_PREVIOUS",
                "SMTP_URL"
            ]
        );
        assert_eq!(wanted["JWT_SECRET"], "two");
    }

    #[test]
    fn what_is_not_ours_is_told_by_name() {
        let mut content = wanted(&vault());
        content.insert("SOMETHING".into(), "else".into());
        content.insert(REVISION.into(), "7".into());
        assert_eq!(strays(&content), ["SOMETHING"]);
        assert_eq!(revision(&content), 7);
        assert_eq!(ours(&content), wanted(&vault()));
    }
}
