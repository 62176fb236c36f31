//! The request in the one form that both sides sign.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::super::Incoming;

/// What stays as it is in a path that is encoded (once more).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
/// A signature in the query is not a part of what it signs.
const ITSELF: &str = "X-Amz-Signature=";

/// Method, path, query, headers and the digest of the body.
pub(super) fn canonical(request: &Incoming, signed_headers: &str) -> String {
    let path: Cow<'_, str> = utf8_percent_encode(&request.path, PLAIN).into();
    let mut query: Vec<Cow<'_, str>> = request
        .query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with(ITSELF))
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
