//! What a check wants to find.

use serde_json::{Map, Value};

use crate::manifests::{Outputs, PLACEHOLDER};

/// What a value has to be like.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    /// Exactly this.
    Is(Value),
    /// A text with this in it, or a list with this among its items.
    Has(String),
    /// Nothing of this.
    Lacks(String),
    /// This number or more.
    AtLeast(f64),
    /// This number or less.
    AtMost(f64),
    /// That there is something.
    Present,
}

const WORDS: [&str; 5] = ["is", "has", "lacks", "at_least", "at_most"];

impl Expectation {
    /// Takes the words of an expectation out of a check's fields; without any, something has to be there.
    ///
    /// # Errors
    /// In words, when there are two, or one is no number.
    pub fn taken_from(fields: &mut Map<String, Value>) -> Result<Self, String> {
        let found: Vec<(&str, Value)> = WORDS
            .iter()
            .filter_map(|word| Some((*word, fields.remove(*word)?)))
            .collect();
        let mut found = found.into_iter();
        let (word, value) = match (found.next(), found.next()) {
            (None, _) => return Ok(Self::Present),
            (Some(first), None) => first,
            (Some((first, _)), Some((second, _))) => {
                return Err(format!("it says '{first}' and '{second}': one is enough"));
            }
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let number = |value: &Value| value.as_f64();
        match word {
            "is" => Ok(Self::Is(value)),
            "has" => text(&value).map(Self::Has).ok_or("'has' is a text".into()),
            "lacks" => text(&value)
                .map(Self::Lacks)
                .ok_or("'lacks' is a text".into()),
            "at_least" => number(&value)
                .map(Self::AtLeast)
                .ok_or("'at_least' is a number".into()),
            _ => number(&value)
                .map(Self::AtMost)
                .ok_or("'at_most' is a number".into()),
        }
    }

    /// The same in an environment, where outputs of Terraform have values.
    ///
    /// # Errors
    /// In words, when one has none.
    pub fn filled(&self, outputs: &Result<Outputs, String>) -> Result<Self, String> {
        let fill = |text: &String| match text.contains(PLACEHOLDER) {
            true => outputs.as_ref().map_err(Clone::clone)?.fill(text),
            false => Ok(text.clone()),
        };
        Ok(match self {
            Self::Is(Value::String(text)) => Self::Is(Value::String(fill(text)?)),
            Self::Has(text) => Self::Has(fill(text)?),
            Self::Lacks(text) => Self::Lacks(fill(text)?),
            other => other.clone(),
        })
    }

    /// Whether what is there will do.
    #[must_use]
    pub fn holds(&self, found: Option<&Value>) -> bool {
        let Some(found) = found else {
            return matches!(self, Self::Lacks(_));
        };
        match self {
            Self::Is(wanted) => found == wanted || shown(found) == shown(wanted),
            Self::Has(part) => has(found, part),
            Self::Lacks(part) => !has(found, part),
            Self::AtLeast(least) => number(found).is_some_and(|number| number >= *least),
            Self::AtMost(most) => number(found).is_some_and(|number| number <= *most),
            Self::Present => true,
        }
    }

    /// In words.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Is(value) => shown(value),
            Self::Has(part) => format!("with {part}"),
            Self::Lacks(part) => format!("without {part}"),
            Self::AtLeast(least) => format!("at least {least}"),
            Self::AtMost(most) => format!("at most {most}"),
            Self::Present => "to be there".into(),
        }
    }

    /// A value that will not do, of the kind that the good one is: for breaking things on purpose. `None` where only
    /// taking it away breaks it.
    #[must_use]
    pub fn spoilt(&self, found: Option<&Value>) -> Option<Value> {
        match self {
            Self::Is(Value::Bool(wanted)) => Some(Value::Bool(!wanted)),
            Self::Is(Value::Number(wanted)) => {
                wanted.as_i64().map(|wanted| Value::from(wanted + 1))
            }
            Self::Is(wanted) => Some(Value::String(format!("{}-spoilt", shown(wanted)))),
            Self::Has(part) => {
                let rest = shown(found?).replace(part.as_str(), "");
                Some(Value::String(rest))
            }
            Self::Lacks(part) => Some(with(found, part)),
            Self::AtLeast(least) => Some(Value::from(*least as i64 - 1)),
            Self::AtMost(most) => Some(Value::from(*most as i64 + 1)),
            Self::Present => None,
        }
    }
}

fn has(found: &Value, part: &str) -> bool {
    match found {
        Value::Array(items) => items.iter().any(|item| match item {
            Value::Array(_) | Value::Object(_) => shown(item).contains(part),
            plain => shown(plain) == part,
        }),
        other => shown(other).contains(part),
    }
}

/// A value with something in it that does not belong there, and all that was there.
fn with(found: Option<&Value>, part: &str) -> Value {
    let added = Value::String(part.to_owned());
    match found {
        Some(Value::Array(items)) => items.iter().cloned().chain([added]).collect(),
        Some(Value::Object(fields)) => {
            let mut fields = fields.clone();
            fields.insert(part.to_owned(), added);
            Value::Object(fields)
        }
        _ => added,
    }
}

fn number(found: &Value) -> Option<f64> {
    found.as_f64().or_else(|| found.as_str()?.parse().ok())
}

/// A value as people write it: texts without their quotes.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expectation(fields: Value) -> Result<Expectation, String> {
        let Value::Object(mut fields) = fields else {
            unreachable!("a map is given")
        };
        Expectation::taken_from(&mut fields)
    }

    #[test]
    fn a_spoilt_value_never_does() {
        for (wanted, good) in [
            (json!({"is": true}), json!(true)),
            (json!({"is": 30}), json!("30")),
            (json!({"is": "aws:kms"}), json!("aws:kms")),
            (json!({"has": "b"}), json!("abc")),
            (json!({"at_least": 3}), json!(3)),
            (json!({"at_most": 30}), json!("30")),
            (json!({"lacks": "b"}), json!("ac")),
            (json!({"lacks": "b"}), json!({"a": 1})),
            (json!({"lacks": "b"}), json!([{"a": "c"}])),
        ] {
            let wanted = expectation(wanted).unwrap();
            assert!(wanted.holds(Some(&good)), "{}", wanted.told());
            let spoilt = wanted.spoilt(Some(&good)).unwrap();
            assert!(!wanted.holds(Some(&spoilt)), "{}", wanted.told());
        }
    }

    #[test]
    fn nothing_is_never_what_was_wanted() {
        for wanted in [
            json!({"is": 1}),
            json!({"has": "a"}),
            json!({"at_most": 9}),
            json!({}),
        ] {
            assert!(!expectation(wanted).unwrap().holds(None));
        }
    }

    #[test]
    fn what_must_not_be_there_is_found_inside_of_items_too() {
        let wanted = expectation(json!({"lacks": "secrets"})).unwrap();
        assert!(!wanted.holds(Some(&json!([{"resources": ["secrets"]}]))));
        assert!(wanted.holds(Some(&json!([{"resources": ["pods"]}]))));
        assert!(wanted.holds(None));
    }

    #[test]
    fn two_wishes_at_once_are_refused() {
        let fault = expectation(json!({"is": 1, "at_most": 2})).unwrap_err();
        assert_eq!(fault, "it says 'is' and 'at_most': one is enough");
    }
}
