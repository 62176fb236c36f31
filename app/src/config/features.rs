//! `FEATURE_*` variables: any name, true or false. What they open is not this room's business.

use std::collections::BTreeMap;

use super::ConfigError;

const PREFIX: &str = "FEATURE_";

/// Whether a variable of this name is a feature flag.
fn is_one(name: &str) -> bool {
    name.starts_with(PREFIX) && name.len() > PREFIX.len()
}

/// Those that are set, by their whole names.
///
/// # Errors
/// When one is neither true nor false: a flag that was meant to be closed must not be open by a slip.
pub fn read(
    names: impl IntoIterator<Item = String>,
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, bool>, ConfigError> {
    let mut features = BTreeMap::new();
    for name in names.into_iter().filter(|name| is_one(name)) {
        let Some(text) = lookup(&name).filter(|text| !text.is_empty()) else {
            continue;
        };
        let open = match text.to_ascii_lowercase().as_str() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return Err(ConfigError::Feature { name, text }),
        };
        features.insert(name, open);
    }
    Ok(features)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_is_true_or_false_and_nothing_else() {
        let one = |text: &str| read(["FEATURE_X".to_owned()], |_| Some(text.to_owned()));
        assert!(one("true").unwrap()["FEATURE_X"]);
        assert!(!one("FALSE").unwrap()["FEATURE_X"]);
        assert!(one("").unwrap().is_empty());
        assert!(
            one("yes please")
                .unwrap_err()
                .to_string()
                .contains("FEATURE_X")
        );
    }
}
