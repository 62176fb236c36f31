//! Makes values up. Never shows one and never keeps one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::Rng;

use super::SecretKind;
use crate::failure::{Failure, Result};
use crate::ports::SecretValue;
use crate::secret::Secret;

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8.
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A new value: for that login where it is a database's, and of the same form as the one before.
///
/// # Errors
/// When only somebody else can give it.
pub(super) fn value(
    kind: SecretKind,
    login: Option<&str>,
    before: Option<&SecretValue>,
) -> Result<SecretValue> {
    let seed: [u8; 32] = rand::rng().random();
    let text = match (kind, before) {
        (SecretKind::Database | SecretKind::Master, _) => {
            let user = match before {
                // An administrator keeps its name.
                Some(SecretValue::Login { user, .. }) => login.or(Some(user)),
                _ => login,
            };
            let user = user.ok_or_else(|| Failure::failed("it is not known for which login"))?;
            return Ok(SecretValue::Login {
                user: user.to_owned(),
                password: Secret::new(hex::encode(&seed[..24])),
            });
        }
        (SecretKind::Redis | SecretKind::Smtp, _) => return Err(not_given(kind)),
        (SecretKind::Jwt, Some(SecretValue::Text(text))) if is_pair(text) => pair(&seed),
        (SecretKind::Jwt | SecretKind::ApiKey | SecretKind::Signing, _) => hex::encode(seed),
    };
    Ok(SecretValue::Text(Secret::new(text)))
}

/// A value that nobody gave, or that was lost with the run that was given it: no journal holds one.
pub(super) fn not_given(kind: SecretKind) -> Failure {
    Failure::usage(format!("the new value of '{kind}' is not there"))
        .cause("only who runs it gives it, and what was given is kept nowhere but in the place for secrets")
        .hint(format!("opsctl secrets rotate {kind} --value-from -"))
}

fn is_pair(text: &Secret<String>) -> bool {
    text.expose().trim_start().starts_with("-----BEGIN")
}

/// A private Ed25519 key in PEM.
fn pair(seed: &[u8; 32]) -> String {
    let der = [PKCS8_HEAD.as_slice(), seed].concat();
    let body = STANDARD.encode(der);
    format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use ed25519_dalek::pkcs8::DecodePrivateKey;

    use super::*;

    fn text(value: &SecretValue) -> String {
        match value {
            SecretValue::Text(text) => text.expose().clone(),
            SecretValue::Login { password, .. } => password.expose().clone(),
        }
    }

    #[test]
    fn a_pair_is_followed_by_a_pair_and_a_text_by_a_text() {
        let before = SecretValue::Text(Secret::new(pair(&[7; 32])));
        let next = value(SecretKind::Jwt, None, Some(&before)).unwrap();
        assert!(SigningKey::from_pkcs8_pem(text(&next).trim()).is_ok());
        let next = value(SecretKind::Jwt, None, None).unwrap();
        assert_eq!(text(&next).len(), 64);
    }

    #[test]
    fn an_administrator_keeps_its_name() {
        let before = value(SecretKind::Database, Some("master"), None).unwrap();
        let next = value(SecretKind::Master, None, Some(&before)).unwrap();
        assert_ne!(text(&next), text(&before));
        assert!(matches!(next, SecretValue::Login { user, .. } if user == "master"));
        assert!(value(SecretKind::Master, None, None).is_err());
    }

    #[test]
    fn no_two_are_alike_and_none_shows_itself() {
        let one = value(SecretKind::Database, Some("b"), None).unwrap();
        let two = value(SecretKind::Database, Some("b"), None).unwrap();
        assert_ne!(one, two);
        assert!(!format!("{one:?}").contains(&text(&one)));
    }

    #[test]
    fn what_somebody_else_gives_is_never_made_up() {
        let failure = value(SecretKind::Smtp, None, None).unwrap_err();
        assert!(failure.hints[0].contains("--value-from"), "{failure}");
    }
}
