//! Signing, where we are a client ourselves.

use anyhow::{Result, anyhow};
use hyper::{
    HeaderMap,
    header::{AUTHORIZATION, HeaderName, HeaderValue},
};
use time::OffsetDateTime;

use super::{
    FORM,
    claim::{Claim, Place},
};
use crate::{accounts::Keys, endpoint::Incoming};

/// The request's headers with a date and a signature over all of them.
pub(crate) fn signed(
    request: &Incoming,
    keys: &Keys,
    [region, service]: [&str; 2],
) -> Result<HeaderMap> {
    let mut request = request.clone();
    let stamp = OffsetDateTime::now_utc().format(FORM)?;
    let date = HeaderName::from_static("x-amz-date");
    request.headers.insert(date, HeaderValue::from_str(&stamp)?);
    let mut names: Vec<&str> = request.headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    let claim = Claim {
        place: Place::Headers,
        key: keys.access_key_id.clone(),
        day: stamp.chars().take(8).collect(),
        region: region.to_owned(),
        service: service.to_owned(),
        signed_headers: names.join(";"),
        signature: String::new(),
        stamp,
        token: String::new(),
    };
    let signature = claim.expected(&request, &keys.secret_access_key);
    let signature = signature.map_err(|why| anyhow!("can't sign: {why:?}"))?;
    let header = format!(
        "AWS4-HMAC-SHA256 Credential={}/{}/{region}/{service}/aws4_request, SignedHeaders={}, Signature={signature}",
        claim.key, claim.day, claim.signed_headers
    );
    let mut headers = request.headers;
    headers.insert(AUTHORIZATION, HeaderValue::from_str(&header)?);
    Ok(headers)
}
