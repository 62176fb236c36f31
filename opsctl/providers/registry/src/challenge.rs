//! How a registry wants to be told who we are: the header `WWW-Authenticate`.

use std::collections::BTreeMap;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// Name and password with every question.
    Basic,
    /// A token, from there.
    Bearer {
        /// Who gives it.
        realm: String,
        /// For whom.
        service: Option<String>,
        /// For what, where the registry says so.
        scope: Option<String>,
    },
}

impl Challenge {
    /// The first challenge that we can meet.
    pub fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => Some(Self::Basic),
            "bearer" => {
                let mut parameters = parameters(rest);
                Some(Self::Bearer {
                    realm: parameters.remove("realm")?,
                    service: parameters.remove("service"),
                    scope: parameters.remove("scope"),
                })
            }
            _ => None,
        }
    }
}

/// `a="b",c="d,e"`: commas within quotes belong to the value.
fn parameters(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',']).to_ascii_lowercase();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        found.insert(name, value.trim().to_owned());
        rest = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenges_of_registries_are_understood() {
        let bearer = |realm: &str, service: Option<&str>, scope: Option<&str>| {
            Some(Challenge::Bearer {
                realm: realm.into(),
                service: service.map(Into::into),
                scope: scope.map(Into::into),
            })
        };
        for (header, meaning) in [
            ("Basic realm=\"Registry Realm\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                "Bearer realm=\"https://auth.example/token\",service=\"registry\",scope=\"repository:a:pull,push\"",
                bearer(
                    "https://auth.example/token",
                    Some("registry"),
                    Some("repository:a:pull,push"),
                ),
            ),
            (
                "Bearer realm=https://auth.example/t, service=x",
                bearer("https://auth.example/t", Some("x"), None),
            ),
            ("Bearer service=\"x\"", None),
            ("Negotiate", None),
            ("", None),
            ("Bearer realm=\"unclosed", bearer("unclosed", None, None)),
        ] {
            assert_eq!(Challenge::parse(header), meaning, "{header}");
        }
    }
}
