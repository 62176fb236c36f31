//! The link of a mail. A browser that opens a mail brings no token, so the link itself says for whom it was made, for which report
//! and until when, and is signed: it opens this one document, for this one user, and nothing else. Whether that user still gets
//! reports is asked when it is opened. Why so is in docs/decisions/0042-business.md.

use std::time::Duration;

use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::Sha256;
use utoipa::IntoParams;

use crate::config::{JWT_SECRET, JWT_SECRET_NEXT, Secret};
use crate::database::{ReportId, Timestamp, UserId};
use crate::secrets::Secrets;

/// How long a link opens its report: a mail may lie over a holiday.
pub const OPENS_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// What nothing else that is signed with these keys begins with.
const PURPOSE: &[u8] = b"app/report-link/1";

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub report: ReportId,
    pub user: UserId,
    /// Seconds since 1970.
    pub until: i64,
}

/// What stands in the link beside the report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Signed {
    /// Whom it was made for.
    #[param(value_type = String, format = "uuid")]
    pub user: String,
    /// Until when it holds, in seconds since 1970.
    pub until: i64,
    /// Hexadecimal.
    pub signature: String,
}

impl Link {
    /// Of a report that was told of at `told`.
    pub fn new(report: ReportId, user: UserId, told: Timestamp) -> Self {
        let until = told.plus(OPENS_FOR).seconds_rounded_up();
        Self {
            report,
            user,
            until,
        }
    }

    /// The link, below the address of the service. None without a key.
    pub fn path(self, secrets: &Secrets) -> Option<String> {
        let signature = self.mac(secrets.current(JWT_SECRET)?).finalize();
        let signature: String = signature
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let Self {
            report,
            user,
            until,
        } = self;
        Some(format!(
            "/api/reports/{report}/mailed?user={user}&until={until}&signature={signature}"
        ))
    }

    /// Whether one of the keys signed it and it still holds. Compared in constant time.
    pub fn holds(self, signature: &str, secrets: &Secrets, now: Timestamp) -> bool {
        let keys = [
            secrets.current(JWT_SECRET),
            secrets.previous(JWT_SECRET),
            secrets.current(JWT_SECRET_NEXT),
        ];
        let Some(signature) = bytes(signature) else {
            return false;
        };
        let signed = |key: &Secret| self.mac(key).verify_slice(&signature).is_ok();
        keys.into_iter().flatten().any(signed) && now.seconds_rounded_up() <= self.until
    }

    /// When it was made, in seconds since 1970.
    pub fn made(self) -> i64 {
        let opens_for = i64::try_from(OPENS_FOR.as_secs()).unwrap_or(i64::MAX);
        self.until.saturating_sub(opens_for)
    }

    /// With a key of its own, made of the one that is there.
    fn mac(self, key: &Secret) -> Hmac<Sha256> {
        let own = mac(key.reveal().as_bytes())
            .chain_update(PURPOSE)
            .finalize();
        mac(&own.into_bytes())
            .chain_update(self.report.0.as_bytes())
            .chain_update(self.user.0.as_bytes())
            .chain_update(self.until.to_be_bytes())
    }
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length is one")
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(pairs: &[(&str, &str)]) -> Secrets {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)))
            .collect()
    }

    fn link(number: u128, told: Timestamp) -> Link {
        let id = uuid::Uuid::from_u128(number);
        Link::new(ReportId(id), UserId(id), told)
    }

    fn signature(link: Link, secrets: &Secrets) -> String {
        let path = link.path(secrets).unwrap();
        path.rsplit('=').next().unwrap().to_owned()
    }

    #[test]
    fn a_link_holds_for_what_it_was_made_for_through_a_rotation_and_not_for_ever() {
        let now = Timestamp::now();
        let old = secrets(&[("JWT_SECRET", "one")]);
        let (own, signed) = (link(1, now), signature(link(1, now), &old));
        assert!(own.holds(&signed, &old, now));
        assert!(own.holds(&signed.to_uppercase(), &old, now));
        let rotated = [
            secrets(&[("JWT_SECRET", "two"), ("JWT_SECRET_PREVIOUS", "one")]),
            secrets(&[("JWT_SECRET", "two"), ("JWT_SECRET_NEXT", "one")]),
        ];
        assert!(rotated.iter().all(|keys| own.holds(&signed, keys, now)));
        assert!(!own.holds(&signed, &secrets(&[("JWT_SECRET", "two")]), now));
        assert!(!own.holds(&signed, &secrets(&[]), now));
        assert!(!link(2, now).holds(&signed, &old, now));
        let longer = Link {
            until: own.until + 1,
            ..own
        };
        assert!(!longer.holds(&signed, &old, now));
        assert!(!own.holds(&signed, &old, now.plus(OPENS_FOR + Duration::from_secs(2))));
        for wrong in ["", "zz", &signed[1..], &"é".repeat(32)] {
            assert!(!own.holds(wrong, &old, now), "{wrong}");
        }
        assert!(link(1, now).path(&secrets(&[])).is_none());
    }
}
