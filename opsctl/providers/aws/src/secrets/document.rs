//! What a secret holds: one JSON object of texts, named as the application's variables. The master's has the form that Terraform gives
//! it, and the key that signs evidence stands for itself. Pure.

use std::collections::BTreeMap;
use std::fmt;

use opsctl_core::ports::SecretValue;
use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, Result};
use percent_encoding::percent_decode_str;

use super::place::{Place, without_login};

const URL: &str = "DATABASE_URL";
const REPLICA_URL: &str = "DATABASE_REPLICA_URL";
const LINEAGE: &str = "DATABASE_LINEAGE";
const MODE: &str = "DATABASE_MODE";
const USERNAME: &str = "username";
const PASSWORD: &str = "password";

/// The fields of one version.
#[derive(Clone, PartialEq, Eq)]
pub struct Document(BTreeMap<String, String>);

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// The field that is the secret itself.
const fn field(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::Database => URL,
        SecretKind::Master => PASSWORD,
        SecretKind::Jwt => "JWT_SECRET",
        SecretKind::ApiKey => "API_KEY",
        SecretKind::Redis => "REDIS_URL",
        SecretKind::Smtp => "SMTP_URL",
        SecretKind::Signing => "",
    }
}

impl Document {
    /// One that holds nothing.
    pub const fn hollow() -> Self {
        Self(BTreeMap::new())
    }

    /// Reads it; `None` when it is of another form. serde's own words would repeat what stands around the mistake.
    pub fn parse(kind: SecretKind, text: &str) -> Option<Self> {
        match kind {
            SecretKind::Signing => Some(Self::only(kind, text.trim())),
            _ => serde_json::from_str(text).ok().map(Self),
        }
    }

    fn only(kind: SecretKind, text: &str) -> Self {
        Self(BTreeMap::from([(field(kind).to_owned(), text.to_owned())]))
    }

    /// As it is kept: the same fields are always spelled alike.
    pub fn spelled(&self, kind: SecretKind) -> Result<Secret<String>> {
        if kind == SecretKind::Signing {
            return Ok(Secret::new(self.get("").unwrap_or_default().to_owned()));
        }
        serde_json::to_string(&self.0)
            .map(Secret::new)
            .map_err(|_| Failure::failed("a secret can't be written as JSON"))
    }

    fn get(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name)?;
        (!text.is_empty()).then_some(text)
    }

    /// The value; `None` where there is none in it.
    pub fn value(&self, kind: SecretKind) -> Option<SecretValue> {
        let text = self.get(field(kind))?;
        Some(match kind {
            SecretKind::Database => {
                let (user, password) = login(text)?;
                SecretValue::Login { user, password }
            }
            SecretKind::Master => SecretValue::Login {
                user: self.get(USERNAME)?.to_owned(),
                password: Secret::new(text.to_owned()),
            },
            _ => SecretValue::Text(Secret::new(text.to_owned())),
        })
    }

    /// For which database the login is.
    pub fn place(&self) -> Option<Place> {
        let rest = self.get(URL)?.strip_prefix("postgres://")?;
        Some(Place {
            at: without_login(rest).to_owned(),
            lineage: self.get(LINEAGE).unwrap_or_default().to_owned(),
            mode: self.get(MODE).unwrap_or_default().to_owned(),
        })
    }

    /// The same with another value; what else stands in it stays.
    pub fn with(
        &self,
        kind: SecretKind,
        value: &SecretValue,
        place: Option<&Place>,
    ) -> Result<Self> {
        let mut new = self.clone();
        match (kind, value, place) {
            (SecretKind::Database, SecretValue::Login { user, password }, Some(place)) => {
                let who = format!("{user}:{}", password.expose());
                new.point(&who, place);
                new.log_in_at_replica(&who);
            }
            (SecretKind::Master, SecretValue::Login { user, password }, _) => {
                new.set(USERNAME, user);
                new.set(PASSWORD, password.expose());
            }
            (_, SecretValue::Text(text), _) => new.set(field(kind), text.expose()),
            _ => return Err(Failure::failed(format!("'{kind}' can't hold such a value"))),
        }
        Ok(new)
    }

    /// The same login at another place.
    pub fn moved_to(&self, place: &Place) -> Option<Self> {
        let rest = self.get(URL)?.strip_prefix("postgres://")?;
        let (who, _) = rest.split_once('@')?;
        let mut new = self.clone();
        new.point(who, place);
        Some(new)
    }

    /// The fields by themselves, without the way to any replica: that leads to a database of the other region.
    pub fn of_one_database(self) -> impl Iterator<Item = (String, Secret<String>)> {
        let kept = self.0.into_iter().filter(|(name, _)| name != REPLICA_URL);
        kept.map(|(name, text)| (name, Secret::new(text)))
    }

    fn point(&mut self, who: &str, place: &Place) {
        self.set(URL, &format!("postgres://{who}@{}", place.at));
        self.set(LINEAGE, &place.lineage);
        self.set(MODE, &place.mode);
    }

    fn log_in_at_replica(&mut self, who: &str) {
        let rest = self
            .get(REPLICA_URL)
            .and_then(|url| url.strip_prefix("postgres://"));
        if let Some(url) = rest.map(|rest| format!("postgres://{who}@{}", without_login(rest))) {
            self.set(REPLICA_URL, &url);
        }
    }

    fn set(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_owned(), text.to_owned());
    }
}

/// Who logs in by an address, and with which password.
fn login(url: &str) -> Option<(String, Secret<String>)> {
    let (who, _) = url.strip_prefix("postgres://")?.split_once('@')?;
    let (user, password) = who.split_once(':')?;
    let plain = |text: &str| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
    Some((plain(user)?, Secret::new(plain(password)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(at: &str) -> Place {
        Place {
            at: at.into(),
            lineage: "l".into(),
            mode: "normal".into(),
        }
    }

    fn logging_in(user: &str) -> SecretValue {
        SecretValue::Login {
            user: user.into(),
            password: Secret::new("00ff".into()),
        }
    }

    #[test]
    fn a_login_stands_in_every_address_and_what_else_there_is_stays() {
        let kind = SecretKind::Database;
        let before = r#"{"DATABASE_URL": "postgres://app_login:a%40b@one:5432/app?sslmode=require",
            "DATABASE_REPLICA_URL": "postgres://app_login:a%40b@two:5432/app", "SOMETHING": "else"}"#;
        let before = Document::parse(kind, before).unwrap();
        let SecretValue::Login { user, password } = before.value(kind).unwrap() else {
            panic!("it is a login");
        };
        assert_eq!(
            (user.as_str(), password.expose().as_str()),
            ("app_login", "a@b")
        );
        let place = place("one:5432/app?sslmode=require");
        let after = before.with(kind, &logging_in("b"), Some(&place)).unwrap();
        assert_eq!(
            after.get(URL),
            Some("postgres://b:00ff@one:5432/app?sslmode=require")
        );
        assert_eq!(
            after.get(REPLICA_URL),
            Some("postgres://b:00ff@two:5432/app")
        );
        assert_eq!(after.get("SOMETHING"), Some("else"));
        assert_eq!(after.place(), Some(place));
    }

    #[test]
    fn a_move_keeps_the_login_as_it_is_spelled() {
        let before = Document::parse(
            SecretKind::Database,
            r#"{"DATABASE_URL": "postgres://app_login:a%40b@one/app"}"#,
        );
        let after = before.unwrap().moved_to(&place("two/app")).unwrap();
        assert_eq!(after.get(URL), Some("postgres://app_login:a%40b@two/app"));
    }

    #[test]
    fn the_masters_form_is_terraforms_and_a_key_stands_for_itself() {
        let master = r#"{"username": "master", "password": "p"}"#;
        let master = Document::parse(SecretKind::Master, master).unwrap();
        assert!(master.value(SecretKind::Master).is_some());
        let key = Document::parse(SecretKind::Signing, "abcd\n").unwrap();
        assert_eq!(key.spelled(SecretKind::Signing).unwrap().expose(), "abcd");
        assert_eq!(Document::hollow().value(SecretKind::Jwt), None);
    }

    #[test]
    fn what_is_shown_is_names_alone() {
        let document = Document::parse(SecretKind::Jwt, r#"{"JWT_SECRET": "hush"}"#).unwrap();
        assert_eq!(format!("{document:?}"), r#"["JWT_SECRET"]"#);
    }
}
