//! What a request claims about who signed it, in its headers or, presigned, in its query.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::{Unsigned, canonical::canonical};
use crate::endpoint::{Incoming, Parameters};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Where the claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Headers,
    /// Good for some time: it may be handed on.
    Query,
}

/// What is claimed.
#[derive(Debug)]
pub(super) struct Claim {
    pub place: Place,
    pub key: String,
    pub day: String,
    pub region: String,
    pub service: String,
    pub signed_headers: String,
    pub signature: String,
    pub stamp: String,
    /// Of temporary keys.
    pub token: String,
}

impl Claim {
    pub fn of(request: &Incoming) -> Result<Self, Unsigned> {
        let query = Parameters::of_form(&request.query);
        match query.text("X-Amz-Algorithm") {
            Some(_) => Self::of_query(&query),
            None => Self::of_headers(request),
        }
    }

    fn of_headers(request: &Incoming) -> Result<Self, Unsigned> {
        let header = request.header("authorization");
        if header.is_empty() {
            return Err(Unsigned::Missing);
        }
        let parts = header
            .strip_prefix(ALGORITHM)
            .and_then(|rest| rest.strip_prefix(' '));
        let parts = parts.ok_or_else(|| Unsigned::Incomplete("Unsupported algorithm".into()))?;
        let mut parts: BTreeMap<&str, String> = parts
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        parts.insert("X-Amz-Date", request.header("x-amz-date").to_owned());
        let token = request.header("x-amz-security-token").to_owned();
        let part = |name: &str| {
            let found = parts.get(name).filter(|value| !value.is_empty());
            found.cloned().ok_or_else(|| missing(name))
        };
        let names = ["Credential", "SignedHeaders", "Signature", "X-Amz-Date"];
        Self::read(Place::Headers, names, token, part)
    }

    fn of_query(query: &Parameters) -> Result<Self, Unsigned> {
        if query.text("X-Amz-Algorithm") != Some(ALGORITHM) {
            return Err(Unsigned::Incomplete("Unsupported algorithm".into()));
        }
        let part = |name: &str| query.owned(name).ok_or_else(|| missing(name));
        let token = query.owned("X-Amz-Security-Token").unwrap_or_default();
        let names = [
            "X-Amz-Credential",
            "X-Amz-SignedHeaders",
            "X-Amz-Signature",
            "X-Amz-Date",
        ];
        Self::read(Place::Query, names, token, part)
    }

    fn read(
        place: Place,
        [credential, headers, signature, stamp]: [&str; 4],
        token: String,
        part: impl Fn(&str) -> Result<String, Unsigned>,
    ) -> Result<Self, Unsigned> {
        let scope = part(credential)?;
        let [key, day, region, service, "aws4_request"] = *scope.split('/').collect::<Vec<_>>()
        else {
            return Err(missing(credential));
        };
        Ok(Self {
            place,
            key: key.to_owned(),
            day: day.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: part(headers)?,
            signature: part(signature)?,
            stamp: part(stamp)?,
            token,
        })
    }

    /// The signature that the secret key gives.
    pub fn expected(&self, request: &Incoming, secret: &str) -> Result<String, Unsigned> {
        self.covers_what_it_must(request)?;
        let canonical = canonical(request, &self.signed_headers);
        let scope = format!("{}/{}/{}/aws4_request", self.day, self.region, self.service);
        let digest = hex::encode(Sha256::digest(canonical));
        let to_sign = format!("{ALGORITHM}\n{}\n{scope}\n{digest}", self.stamp);
        let mut key = keyed(format!("AWS4{secret}").as_bytes(), &self.day);
        for part in [&self.region, &self.service, "aws4_request"] {
            key = keyed(&key, part);
        }
        Ok(hex::encode(keyed(&key, &to_sign)))
    }

    /// Whether the header is under the signature.
    pub fn covers(&self, header: &str) -> bool {
        self.signed_headers.split(';').any(|name| name == header)
    }

    /// Host and all of Amazon's own headers must be signed.
    fn covers_what_it_must(&self, request: &Incoming) -> Result<(), Unsigned> {
        let ours = request
            .headers
            .keys()
            .map(hyper::header::HeaderName::as_str);
        let mut must = ours.filter(|name| *name == "host" || name.starts_with("x-amz-"));
        match must.find(|name| !self.covers(name)) {
            Some(_) => Err(Unsigned::Mismatch),
            None => Ok(()),
        }
    }
}

fn missing(what: &str) -> Unsigned {
    Unsigned::Incomplete(format!("Authorization requires '{what}' parameter."))
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
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
            place: Place::Headers,
            key: "AKIDEXAMPLE".into(),
            day: "20150830".into(),
            region: "us-east-1".into(),
            service: "iam".into(),
            signed_headers: "content-type;host;x-amz-date".into(),
            signature: String::new(),
            stamp: "20150830T123600Z".into(),
            token: String::new(),
        };
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        assert_eq!(
            claim.expected(&request, secret).unwrap(),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }
}
