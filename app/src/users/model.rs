//! What a user is, and what may become one.

use serde::Serialize;

use crate::database::{Timestamp, UserId};
use crate::http::{Invalid, text};

/// A user as the contract shows it.
#[derive(Debug, Clone, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct User {
    pub id: UserId,
    #[schema(example = "user@example.com")]
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What a log-in is checked against.
#[derive(sqlx::FromRow)]
pub struct Credentials {
    pub id: UserId,
    pub password_hash: String,
}

/// An address in lower case, all of Unicode: the databases fold ASCII only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Something, one `@`, something; shorter than 255 characters; no blanks and no control characters. Whether it can be
    /// delivered to, only a message can tell.
    pub fn parse(value: String) -> Result<Self, Invalid> {
        let folded = text("email", value.trim().to_lowercase(), 3..=254)?;
        let invalid = |problem| Err(Invalid::new("email", problem));
        if folded
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
        {
            return invalid("must not contain blanks or control characters");
        }
        match folded.split_once('@') {
            Some((local, domain))
                if !local.is_empty() && !domain.is_empty() && !domain.contains('@') =>
            {
                Ok(Self(folded))
            }
            _ => invalid("must be an address like name@example.com"),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A first or last name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    pub fn parse(field: &'static str, value: String) -> Result<Self, Invalid> {
        text(field, value, 1..=100).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> Result<Email, Invalid> {
        Email::parse(text.into())
    }

    #[test]
    fn an_address_is_one_whatever_its_case() {
        assert_eq!(
            email("John@Example.COM").unwrap().as_str(),
            "john@example.com"
        );
        assert_eq!(email("ÄÖ@example.com"), email("äö@EXAMPLE.com"));
    }

    #[test]
    fn the_longest_address_has_254_characters() {
        let long = |length: usize| format!("{}@example.com", "é".repeat(length - 12));
        assert!(email(&long(254)).is_ok());
        assert!(email(&long(255)).is_err());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "a",
            "@b.c",
            "a@",
            "a@b@c",
            "a b@c.d",
            "a@b\0.c",
            "a@b.c\nBcc: d@e.f",
        ] {
            assert!(email(text).is_err(), "{text:?}");
        }
    }
}
