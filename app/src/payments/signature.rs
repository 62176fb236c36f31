//! The signature of a message: HMAC-SHA256 over the moment and the body, as `t=<seconds since 1970>,v1=<hexadecimal>`. Several
//! `v1` may stand there while the provider changes its key; one that fits is enough.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::config::Secret;

/// Where the signature stands.
pub const HEADER: &str = "payment-signature";

/// Seconds for which a message may be underway; one that is older, or comes from the future, may be a repeated one.
const WINDOW: i64 = 300;
/// More than a rotation needs; each costs a hash of the body.
const MOST_SIGNATURES: usize = 8;

/// Why a message is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Disbelief {
    #[error("no signature in the form t=…,v1=…")]
    Unsigned,
    #[error("the message is older or newer than {WINDOW} seconds")]
    OutOfTime,
    #[error("no key that holds signed it")]
    WrongKey,
}

/// Whether one of the keys signed this body at a moment near `now`, in seconds since 1970. Compared in constant time.
pub fn verify(header: &str, body: &[u8], keys: &[Secret], now: i64) -> Result<(), Disbelief> {
    let mut moment = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => moment = Some(value),
            Some(("v1", value)) => signatures.extend(unhex(value)),
            _ => {}
        }
    }
    let moment = moment.ok_or(Disbelief::Unsigned)?;
    let seconds: i64 = moment.parse().map_err(|_| Disbelief::Unsigned)?;
    if signatures.is_empty() || signatures.len() > MOST_SIGNATURES {
        return Err(Disbelief::Unsigned);
    }
    let fits = keys.iter().any(|key| {
        let signed = signed(key, moment, body);
        signatures
            .iter()
            .any(|signature| signed.clone().verify_slice(signature).is_ok())
    });
    // The key first: who does not have it learns nothing about our clock.
    if !fits {
        return Err(Disbelief::WrongKey);
    }
    match now.saturating_sub(seconds).saturating_abs() <= WINDOW {
        true => Ok(()),
        false => Err(Disbelief::OutOfTime),
    }
}

/// The header for a body, as the provider makes it.
pub fn sign(key: &Secret, seconds: i64, body: &[u8]) -> String {
    let mac = signed(key, &seconds.to_string(), body).finalize();
    let hex: String = mac
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("t={seconds},v1={hex}")
}

fn signed(key: &Secret, moment: &str, body: &[u8]) -> Hmac<Sha256> {
    // A key of any length is one.
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(moment.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_705_314_600;
    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn key(text: &str) -> Secret {
        Secret::new(text)
    }

    /// Computed elsewhere: HMAC-SHA256 of `1705314600.{"id":"evt_1"}` under `key`.
    #[test]
    fn the_signature_is_the_one_that_others_compute() {
        let expected = "ad47ff6bd50ed8336dd870971f825d0aa9a2de81e7dbc598dd16a2f643ead270";
        assert_eq!(
            sign(&key("key"), NOW, BODY),
            format!("t=1705314600,v1={expected}")
        );
    }

    #[test]
    fn the_current_and_the_previous_key_both_hold() {
        let keys = [key("new"), key("old")];
        for signer in ["new", "old"] {
            let header = sign(&key(signer), NOW, BODY);
            assert_eq!(verify(&header, BODY, &keys, NOW), Ok(()), "{signer}");
        }
        let header = sign(&key("older"), NOW, BODY);
        assert_eq!(verify(&header, BODY, &keys, NOW), Err(Disbelief::WrongKey));
        assert_eq!(verify(&header, BODY, &[], NOW), Err(Disbelief::WrongKey));
    }

    #[test]
    fn a_message_is_believed_for_five_minutes_either_way() {
        let (keys, header) = ([key("k")], sign(&key("k"), NOW, BODY));
        let at = |now| verify(&header, BODY, &keys, now);
        assert_eq!(at(NOW + 300), Ok(()));
        assert_eq!(at(NOW - 300), Ok(()));
        assert_eq!(at(NOW + 301), Err(Disbelief::OutOfTime));
        assert_eq!(at(i64::MIN), Err(Disbelief::OutOfTime));
    }

    #[test]
    fn what_was_changed_or_is_no_signature_is_not_believed() {
        let (keys, header) = ([key("k")], sign(&key("k"), NOW, BODY));
        assert_eq!(verify(&header, b"{}", &keys, NOW), Err(Disbelief::WrongKey));
        let later = header.replace("t=1705314600", "t=1705314601");
        assert_eq!(verify(&later, BODY, &keys, NOW), Err(Disbelief::WrongKey));
        let mac = header.split("v1=").nth(1).unwrap();
        for header in [
            "".to_owned(),
            "t=1705314600".into(),
            format!("v1={mac}"),
            format!("t=soon,v1={mac}"),
            "t=1705314600,v1=".into(),
            "t=1705314600,v1=é".into(),
            "t=1705314600,v1=0".into(),
            format!("t=1705314600{}", ",v1=00".repeat(9)),
        ] {
            assert!(verify(&header, BODY, &keys, NOW).is_err(), "{header}");
        }
        let both = format!("t=1705314600,v1=00,v1={mac}");
        assert_eq!(verify(&both, BODY, &keys, NOW), Ok(()));
    }
}
