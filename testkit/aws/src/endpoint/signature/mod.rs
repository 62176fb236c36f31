//! Signature Version 4, held against the keys by a computation of our own: the clients' library is not asked whether it is right.

mod canonical;
mod claim;
mod making;

use time::{
    PrimitiveDateTime, UtcOffset, format_description::BorrowedFormatItem,
    macros::format_description,
};

use super::{Incoming, Service};
use crate::{
    accounts::{Accounts, Caller},
    clock::{Clock, Moment},
};
use claim::{Claim, Place};
pub(crate) use making::signed;

/// How far a signature's date may be off.
const LEEWAY: time::Duration = time::Duration::minutes(5);
/// How long one that stands in a query is good, whatever it says itself.
const PRESIGNED: time::Duration = time::Duration::minutes(15);

/// As signatures write moments.
const FORM: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

/// Who signed, and for where.
#[derive(Debug)]
pub(crate) struct Signed {
    pub caller: Caller,
    pub region: String,
    pub service: Service,
}

/// Why a signature is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// There is none.
    Missing,
    /// Something of it is.
    Incomplete(String),
    /// It is for a service that is not here.
    UnknownService(String),
    /// Nobody holds the key.
    UnknownKey,
    /// The temporary key is no longer good.
    Expired,
    /// It is another one than the secret key gives.
    Mismatch,
    /// The client's clock is wrong.
    Skewed(String),
}

/// Who signed the request, if it was signed as it should be.
pub(crate) fn verify(
    request: &Incoming,
    accounts: &Accounts,
    clock: &Clock,
) -> Result<Signed, Unsigned> {
    let claim = Claim::of(request)?;
    let service = Service::signed_as(&claim.service)
        .ok_or_else(|| Unsigned::UnknownService(claim.service.clone()))?;
    let holder = accounts.holder(&claim.key).ok_or(Unsigned::UnknownKey)?;
    if holder.keys.session_token.as_deref().unwrap_or("") != claim.token {
        return Err(Unsigned::UnknownKey);
    }
    if claim.signature != claim.expected(request, &holder.keys.secret_access_key)? {
        return Err(Unsigned::Mismatch);
    }
    let good_for = match claim.place {
        Place::Headers => LEEWAY,
        Place::Query => PRESIGNED,
    };
    in_time(&claim.stamp, clock.of_signatures(), good_for)?;
    if holder.expires_at.is_some_and(|end| end <= clock.now()) {
        return Err(Unsigned::Expired);
    }
    Ok(Signed {
        caller: holder.caller,
        region: claim.region,
        service,
    })
}

/// Whether a header of the request is under its signature.
pub(crate) fn covers(request: &Incoming, header: &str) -> bool {
    Claim::of(request).is_ok_and(|claim| claim.covers(header))
}

fn in_time(stamp: &str, now: Moment, good_for: time::Duration) -> Result<(), Unsigned> {
    let form = FORM;
    let signed = PrimitiveDateTime::parse(stamp, form)
        .map_err(|_| Unsigned::Incomplete(format!("Date must be in ISO-8601: '{stamp}'")))?
        .assume_offset(UtcOffset::UTC);
    let shown = |moment: Moment| moment.format(form).unwrap_or_default();
    if signed < now - good_for {
        return Err(Unsigned::Skewed(format!(
            "Signature expired: {stamp} is now earlier than {} ({} - {} min.)",
            shown(now - good_for),
            shown(now),
            good_for.whole_minutes()
        )));
    }
    if signed > now + LEEWAY {
        return Err(Unsigned::Skewed(format!(
            "Signature not yet current: {stamp} is still later than {} ({} + 5 min.)",
            shown(now + LEEWAY),
            shown(now)
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_six_minutes_off_is_told_by_how_much() {
        let now = crate::clock::read("2026-01-01T00:06:00Z").unwrap();
        let early = in_time("20260101T000000Z", now, LEEWAY).unwrap_err();
        let told = "Signature expired: 20260101T000000Z is now earlier than 20260101T000100Z \
                    (20260101T000600Z - 5 min.)";
        assert_eq!(early, Unsigned::Skewed(told.to_owned()));
        assert!(in_time("20260101T001200Z", now, LEEWAY).is_err());
        assert!(in_time("20260101T001000Z", now, LEEWAY).is_ok());
    }
}
