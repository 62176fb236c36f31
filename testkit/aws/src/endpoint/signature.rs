//! Signature Version 4, held against the keys by a computation of our own: the clients' library is not asked whether it is right.

use std::{borrow::Cow, collections::BTreeMap};

use hmac::{Hmac, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use time::{PrimitiveDateTime, UtcOffset, macros::format_description};

use super::{Incoming, Service};
use crate::{
    accounts::{Accounts, Caller},
    clock::{Clock, Moment},
};

/// How far a signature's date may be off.
const LEEWAY: time::Duration = time::Duration::minutes(5);
const ALGORITHM: &str = "AWS4-HMAC-SHA256 ";
/// What stays as it is in a path that is encoded (once more).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

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
    let service = Service::signed_as(claim.service)
        .ok_or_else(|| Unsigned::UnknownService(claim.service.to_owned()))?;
    let holder = accounts.holder(claim.key).ok_or(Unsigned::UnknownKey)?;
    let token = holder.keys.session_token.as_deref().unwrap_or("");
    if token != request.header("x-amz-security-token") {
        return Err(Unsigned::UnknownKey);
    }
    if claim.signature != claim.expected(request, &holder.keys.secret_access_key)? {
        return Err(Unsigned::Mismatch);
    }
    in_time(claim.stamp, clock.of_signatures())?;
    if holder.expires_at.is_some_and(|end| end <= clock.now()) {
        return Err(Unsigned::Expired);
    }
    Ok(Signed {
        caller: holder.caller,
        region: claim.region.to_owned(),
        service,
    })
}

/// What the headers claim.
#[derive(Debug)]
struct Claim<'a> {
    key: &'a str,
    day: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
    stamp: &'a str,
}

impl<'a> Claim<'a> {
    fn of(request: &'a Incoming) -> Result<Self, Unsigned> {
        let header = request.header("authorization");
        if header.is_empty() {
            return Err(Unsigned::Missing);
        }
        let missing = |what: &str| {
            let message = format!("Authorization header requires '{what}' parameter.");
            Unsigned::Incomplete(message)
        };
        let parts = header.strip_prefix(ALGORITHM);
        let parts = parts.ok_or_else(|| Unsigned::Incomplete("Unsupported algorithm".into()))?;
        let parts: BTreeMap<&str, &str> = parts
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .collect();
        let part = |name: &str| parts.get(name).copied().ok_or_else(|| missing(name));
        let credential = part("Credential")?;
        let [key, day, region, service, "aws4_request"] =
            *credential.split('/').collect::<Vec<_>>()
        else {
            return Err(missing("Credential"));
        };
        let stamp = request.header("x-amz-date");
        if stamp.is_empty() {
            return Err(missing("X-Amz-Date"));
        }
        Ok(Self {
            key,
            day,
            region,
            service,
            signed_headers: part("SignedHeaders")?,
            signature: part("Signature")?,
            stamp,
        })
    }

    fn expected(&self, request: &Incoming, secret: &str) -> Result<String, Unsigned> {
        self.covers_what_it_must(request)?;
        let canonical = canonical(request, self.signed_headers);
        let scope = format!("{}/{}/{}/aws4_request", self.day, self.region, self.service);
        let digest = hex::encode(Sha256::digest(canonical));
        let to_sign = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{digest}", self.stamp);
        let mut key = keyed(format!("AWS4{secret}").as_bytes(), self.day);
        for part in [self.region, self.service, "aws4_request"] {
            key = keyed(&key, part);
        }
        Ok(hex::encode(keyed(&key, &to_sign)))
    }

    /// Host and all of Amazon's own headers must be signed.
    fn covers_what_it_must(&self, request: &Incoming) -> Result<(), Unsigned> {
        let signed: Vec<&str> = self.signed_headers.split(';').collect();
        let ours = request
            .headers
            .keys()
            .map(hyper::header::HeaderName::as_str);
        let mut must = ours.filter(|name| *name == "host" || name.starts_with("x-amz-"));
        match must.find(|name| !signed.contains(name)) {
            Some(_) => Err(Unsigned::Mismatch),
            None => Ok(()),
        }
    }
}

/// The request in the one form that both sides sign.
fn canonical(request: &Incoming, signed_headers: &str) -> String {
    let path: Cow<'_, str> = utf8_percent_encode(&request.path, PLAIN).into();
    let mut query: Vec<Cow<'_, str>> = request
        .query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.contains('=') {
            true => pair.into(),
            false => format!("{pair}=").into(),
        })
        .collect();
    query.sort_unstable();
    let headers: String = signed_headers
        .split(';')
        .map(|name| format!("{name}:{}\n", squeezed(&request.headers, name)))
        .collect();
    let digest = hex::encode(Sha256::digest(&request.body));
    format!(
        "{}\n{path}\n{}\n{headers}\n{signed_headers}\n{digest}",
        request.method,
        query.join("&")
    )
}

/// All values of a header, without spaces around them and with single ones inside.
fn squeezed(headers: &hyper::HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).into_iter();
    let values: Vec<String> = values
        .filter_map(|value| value.to_str().ok())
        .map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    values.join(",")
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn in_time(stamp: &str, now: Moment) -> Result<(), Unsigned> {
    let form = format_description!("[year][month][day]T[hour][minute][second]Z");
    let signed = PrimitiveDateTime::parse(stamp, form)
        .map_err(|_| Unsigned::Incomplete(format!("Date must be in ISO-8601: '{stamp}'")))?
        .assume_offset(UtcOffset::UTC);
    let shown = |moment: Moment| moment.format(form).unwrap_or_default();
    if signed < now - LEEWAY {
        return Err(Unsigned::Skewed(format!(
            "Signature expired: {stamp} is now earlier than {} ({} - 5 min.)",
            shown(now - LEEWAY),
            shown(now)
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

    /// The example in AWS's own description of the signature (IAM, `ListUsers`, 30 August 2015).
    #[test]
    fn the_example_of_the_documentation_comes_out_as_documented() {
        let mut headers = hyper::HeaderMap::new();
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        for (name, value) in [
            ("content-type", kind),
            ("host", "iam.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let request = Incoming {
            method: "GET".into(),
            path: "/".into(),
            query: "Action=ListUsers&Version=2010-05-08".into(),
            headers,
            body: hyper::body::Bytes::new(),
        };
        let claim = Claim {
            key: "AKIDEXAMPLE",
            day: "20150830",
            region: "us-east-1",
            service: "iam",
            signed_headers: "content-type;host;x-amz-date",
            signature: "",
            stamp: "20150830T123600Z",
        };
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        assert_eq!(
            claim.expected(&request, secret).unwrap(),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn a_clock_that_is_six_minutes_off_is_told_by_how_much() {
        let now = crate::clock::read("2026-01-01T00:06:00Z").unwrap();
        let early = in_time("20260101T000000Z", now).unwrap_err();
        let told = "Signature expired: 20260101T000000Z is now earlier than 20260101T000100Z \
                    (20260101T000600Z - 5 min.)";
        assert_eq!(early, Unsigned::Skewed(told.to_owned()));
        assert!(in_time("20260101T001200Z", now).is_err());
        assert!(in_time("20260101T001000Z", now).is_ok());
    }
}
