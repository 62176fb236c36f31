//! What was asked, as flat names and values: `Tags.Tag.1.Key` of a form, the members of a JSON object.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Refusal, markup::Element};
use crate::clock::{self, Moment};

/// Names that say which protocol is spoken, not what is asked.
const OF_THE_PROTOCOL: [&str; 2] = ["Action", "Version"];

/// What names of a presigned question begin with: how it is signed.
const OF_THE_SIGNATURE: &str = "X-Amz-";

/// The values of these are never kept in a record.
const SECRET: [&str; 7] = [
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "MasterUserPassword",
    "SecretString",
    "SecretBinary",
    "Plaintext",
    "AuthToken",
];

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Parameters {
    flat: BTreeMap<String, String>,
    json: Value,
}

impl Parameters {
    /// Of a body or query string such as `Action=…&Version=…`.
    pub fn of_form(form: &str) -> Self {
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        let pairs = form.split('&').filter(|pair| !pair.is_empty());
        let flat = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        Self {
            flat: flat.collect(),
            json: Value::Null,
        }
    }

    /// Of a JSON object; what is nested is there in [`Parameters::json`].
    pub fn of_json(json: Value) -> Self {
        let members = json.as_object().into_iter().flatten();
        let flat = members.map(|(name, value)| {
            let text = value.as_str().map(str::to_owned);
            (name.clone(), text.unwrap_or_else(|| value.to_string()))
        });
        Self {
            flat: flat.collect(),
            json,
        }
    }

    /// Of an XML document, without its root; of no document nothing.
    pub fn of_xml(body: &[u8]) -> Option<Self> {
        if body.is_empty() {
            return Some(Self::default());
        }
        let root = Element::read(std::str::from_utf8(body).ok()?)?;
        Some(Self::default().with(root.flat()))
    }

    /// Those and these.
    pub fn and(self, more: Self) -> Self {
        self.with(more.flat)
    }

    /// With some more.
    pub fn with(mut self, more: impl IntoIterator<Item = (String, String)>) -> Self {
        self.flat.extend(more);
        self
    }

    /// What stands below a place, by the rest of the name: of `Change.1.Name` below `Change.1` it is `Name`.
    pub fn below(&self, place: &str) -> BTreeMap<&str, &str> {
        let pairs = self.flat.iter();
        pairs
            .filter_map(|(name, value)| {
                let rest = name.strip_prefix(place)?.strip_prefix('.')?;
                Some((rest, value.as_str()))
            })
            .collect()
    }

    pub fn json(&self) -> &Value {
        &self.json
    }

    /// As a record may keep them.
    pub fn without_secrets(&self) -> BTreeMap<String, String> {
        let pairs = self.flat.iter();
        pairs
            .map(|(name, value)| {
                let secret = SECRET.iter().any(|word| name.starts_with(word));
                let value = if secret { "(secret)" } else { value };
                (name.clone(), value.to_owned())
            })
            .collect()
    }

    /// A parameter that is none of these.
    pub fn beside(&self, known: &[&str]) -> Option<&str> {
        let names = self.flat.keys();
        let mut roots = names.map(|name| name.split('.').next().unwrap_or(name));
        let ours = |root: &str| {
            known.contains(&root)
                || OF_THE_PROTOCOL.contains(&root)
                || root.starts_with(OF_THE_SIGNATURE)
        };
        roots.find(|root| !ours(root))
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.flat.get(name).map(String::as_str)
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        let given = self.text(name).filter(|value| !value.is_empty());
        given.ok_or_else(|| {
            let message = format!("The request must contain the parameter {name}");
            Refusal::new("MissingParameter", message)
        })
    }

    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.read(name, |text| text.parse().ok())
    }

    pub fn number(&self, name: &str) -> Result<Option<u32>, Refusal> {
        self.read(name, |text| text.parse().ok())
    }

    pub fn moment(&self, name: &str) -> Result<Option<Moment>, Refusal> {
        self.read(name, clock::read)
    }

    /// The members of a list: `name.1`, `name.2`…; none where the list was not given at all.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let member = |number: usize| self.owned(&format!("{name}.{number}"));
        let members: Vec<String> = (1..).map_while(member).collect();
        (!members.is_empty()).then_some(members)
    }

    /// A list of pairs, such as tags: `name.1.<first>` and `name.1.<second>`.
    pub fn pairs(&self, name: &str, [first, second]: [&str; 2]) -> Vec<(String, String)> {
        let member = |number: usize| {
            let left = self.owned(&format!("{name}.{number}.{first}"))?;
            let right = self.owned(&format!("{name}.{number}.{second}"));
            Some((left, right.unwrap_or_default()))
        };
        (1..).map_while(member).collect()
    }

    fn read<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let message = format!("Invalid value '{text}' for {name}");
        let parsed = parse(text).ok_or_else(|| Refusal::new("InvalidParameterValue", message));
        parsed.map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_lists() {
        let form = "Action=A&Name=a+b%2Fc&Ids.Id.1=x&Ids.Id.2=y&Tags.Tag.1.Key=k&Tags.Tag.1.Value=v&MasterUserPassword=p";
        let read = Parameters::of_form(form);
        assert_eq!(read.text("Name"), Some("a b/c"));
        assert_eq!(read.list("Ids.Id"), Some(vec!["x".into(), "y".into()]));
        assert_eq!(read.list("None"), None);
        let tags = read.pairs("Tags.Tag", ["Key", "Value"]);
        assert_eq!(tags, [("k".to_owned(), "v".to_owned())]);
        assert_eq!(read.without_secrets()["MasterUserPassword"], "(secret)");
        let known = ["Name", "Ids", "MasterUserPassword"];
        assert_eq!(read.beside(&known), Some("Tags"));
    }
}
