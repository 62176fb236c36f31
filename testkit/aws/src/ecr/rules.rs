//! Which tags of a repository may move.

use serde_json::{Value, json};

use crate::endpoint::{Asked, Refusal};

/// What is said of all tags, and of those that fit one of the patterns the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mutability {
    immutable: bool,
    excluded: Vec<String>,
}

impl Mutability {
    /// Of a repository about which nothing was said.
    pub fn usual() -> Self {
        Self {
            immutable: false,
            excluded: Vec::new(),
        }
    }

    pub fn of(asked: &Asked) -> Result<Self, Refusal> {
        let said = asked.parameters.json();
        let kind = asked.parameters.text("imageTagMutability");
        let (immutable, excludes) = match kind.unwrap_or("MUTABLE") {
            "MUTABLE" => (false, false),
            "IMMUTABLE" => (true, false),
            "MUTABLE_WITH_EXCLUSION" => (false, true),
            "IMMUTABLE_WITH_EXCLUSION" => (true, true),
            other => return Err(invalid(format!("'{other}' is no tag mutability"))),
        };
        let filters = said["imageTagMutabilityExclusionFilters"].as_array();
        let excluded: Vec<String> = filters
            .into_iter()
            .flatten()
            .filter(|filter| filter["filterType"] == "WILDCARD")
            .filter_map(|filter| Some(filter["filter"].as_str()?.to_owned()))
            .collect();
        if excludes == excluded.is_empty() {
            let message =
                "Exclusion filters belong to a mutability with exclusion, and to no other.";
            return Err(invalid(message));
        }
        Ok(Self {
            immutable,
            excluded,
        })
    }

    /// Whether a tag stays with the image that it was given to.
    pub fn holds(&self, tag: &str) -> bool {
        let excluded = self.excluded.iter().any(|pattern| fits(pattern, tag));
        self.immutable != excluded
    }

    pub fn told(&self) -> (&'static str, Value) {
        let kind = match (self.immutable, self.excluded.is_empty()) {
            (false, true) => "MUTABLE",
            (false, false) => "MUTABLE_WITH_EXCLUSION",
            (true, true) => "IMMUTABLE",
            (true, false) => "IMMUTABLE_WITH_EXCLUSION",
        };
        let filters = self.excluded.iter();
        let filters = filters.map(|filter| json!({"filterType": "WILDCARD", "filter": filter}));
        (kind, filters.collect())
    }
}

/// A pattern in which `*` stands for anything.
fn fits(pattern: &str, tag: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == tag,
        Some((start, rest)) => tag.strip_prefix(start).is_some_and(|left| {
            let ends = left.char_indices().map(|(at, _)| at).chain([left.len()]);
            let mut tails = ends.filter_map(|at| left.get(at..));
            tails.any(|tail| fits(rest, tail))
        }),
    }
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, tag, expected) in [
            ("latest", "latest", true),
            ("latest", "latest-1", false),
            ("dev-*", "dev-", true),
            ("*-rc*", "v1-rc2", true),
            ("*-rc", "v1-rc2", false),
        ] {
            assert_eq!(fits(pattern, tag), expected, "{pattern} {tag}");
        }
    }
}
