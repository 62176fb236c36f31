//! Somebody at the console of an account: asks what the SDK asks, without a signature and a way over HTTP. For whoever furnishes a
//! stand-in; what is recorded, delayed or lost is what comes over the wire.

use anyhow::{Result, anyhow};
use serde_json::Value;

use crate::{
    accounts::{Account, Caller},
    aws::World,
    endpoint::{Answer, Asked, Element, Elements, Handler, Home, Parameters, Service},
};

/// An account in a region.
#[derive(Debug, Clone, Copy)]
pub struct Console<'a> {
    pub(crate) world: &'a World,
    pub(crate) account: &'a Account,
    pub(crate) region: &'a str,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Told(Value);

impl Console<'_> {
    /// Asks for an action, with its parameters as members of an object: `{"DBInstanceIdentifier": "orders"}`. May block.
    ///
    /// # Errors
    /// With the code of the refusal.
    pub fn ask(&self, service: Service, action: &str, said: Value) -> Result<Told> {
        let account = self.account.id.clone();
        let asked = Asked {
            service,
            action: action.to_owned(),
            home: Home {
                account: account.clone(),
                region: self.region.to_owned(),
            },
            caller: Caller {
                arn: format!("arn:aws:iam::{account}:user/console"),
                user_id: "AIDACONSOLE".to_owned(),
                account,
            },
            parameters: Parameters::of_json(said),
            at: self.world.clock().now(),
        };
        let refused = |code: &str, message: &str| anyhow!("{action}: {code}: {message}");
        match self.world.answer(&asked) {
            Ok(Answer::Json(value)) => Ok(Told(value)),
            Ok(Answer::Xml(elements)) => Ok(Told(as_json(&elements))),
            Err(refusal) => Err(refused(&refusal.code, &refusal.message)),
        }
    }
}

impl Told {
    /// The first text of that name, wherever it stands.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        first(&self.0, name, Value::is_string).and_then(Value::as_str)
    }

    /// The first thing of that name that has others in it; nothing where there is none.
    #[must_use]
    pub fn inside(&self, name: &str) -> Self {
        let holds = |value: &Value| value.is_object() || value.is_array();
        Self(first(&self.0, name, holds).cloned().unwrap_or_default())
    }
}

fn first<'a>(value: &'a Value, name: &str, fits: fn(&Value) -> bool) -> Option<&'a Value> {
    match value {
        Value::Object(members) => {
            let own = members.get(name).filter(|value| fits(value));
            own.or_else(|| members.values().find_map(|it| first(it, name, fits)))
        }
        Value::Array(members) => members.iter().find_map(|it| first(it, name, fits)),
        _ => None,
    }
}

fn as_json(elements: &Elements) -> Value {
    fn read(element: Element) -> Value {
        if element.inside.is_empty() {
            return Value::String(element.text);
        }
        let inside = element.inside.into_iter();
        let members = inside.map(|inner| {
            let member = (inner.name.clone(), read(inner));
            Value::Object([member].into_iter().collect())
        });
        members.collect()
    }
    let document = elements.clone().document("Told", "");
    Element::read(&document).map_or(Value::Null, read)
}
