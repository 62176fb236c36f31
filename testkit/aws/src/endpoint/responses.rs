//! Answers and refusals in the form of each protocol, with a request id.

use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue},
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Elements, Protocol, Refusal, signature::Unsigned};

/// What a service says.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// What is inside of the result.
    Xml(Elements),
    /// For JSON.
    Json(Value),
}

pub(super) type Reply = Response<Full<Bytes>>;

pub(super) fn answered(protocol: Protocol, action: &str, answer: &Answer) -> Reply {
    let id = Uuid::new_v4().to_string();
    let root = format!("{action}Response");
    let body = match (answer, protocol) {
        (Answer::Xml(inner), Protocol::Query { namespace }) => {
            let metadata = Elements::new().text("RequestId", &id);
            Elements::new()
                .inside(&format!("{action}Result"), inner.clone())
                .inside("ResponseMetadata", metadata)
                .document(&root, namespace)
        }
        (Answer::Xml(inner), Protocol::Ec2Query { namespace }) => Elements::new()
            .text("requestId", &id)
            .and(inner.clone())
            .document(&root, namespace),
        (Answer::Xml(inner), Protocol::RestXml { namespace, .. }) => {
            inner.clone().document(&root, namespace)
        }
        (Answer::Xml(inner), _) => inner.clone().document(&root, ""),
        (Answer::Json(value), _) => value.to_string(),
    };
    said(200, protocol, &id, body)
}

pub(super) fn refused(protocol: Protocol, refusal: &Refusal) -> Reply {
    let id = Uuid::new_v4().to_string();
    match protocol {
        Protocol::Query { namespace } | Protocol::RestXml { namespace, .. } => {
            let error = Elements::new()
                .text("Type", refusal.side())
                .text("Code", &refusal.code)
                .text("Message", &refusal.message);
            let body = Elements::new()
                .inside("Error", error)
                .text("RequestId", &id)
                .document("ErrorResponse", namespace);
            said(refusal.status, protocol, &id, body)
        }
        Protocol::Ec2Query { .. } => {
            let error = Elements::new()
                .text("Code", &refusal.code)
                .text("Message", &refusal.message);
            let body = Elements::new()
                .list("Errors", "Error", [error])
                .text("RequestID", &id)
                .document("Response", "");
            said(refusal.status, protocol, &id, body)
        }
        Protocol::Json | Protocol::RestJson { .. } => {
            let body = json!({"__type": refusal.code, "message": refusal.message});
            let mut reply = said(refusal.status, protocol, &id, body.to_string());
            if let Ok(code) = HeaderValue::from_str(&refusal.code) {
                let name = HeaderName::from_static("x-amzn-errortype");
                reply.headers_mut().insert(name, code);
            }
            reply
        }
    }
}

/// What each protocol calls the ways in which a signature can be wrong.
pub(super) fn turned_away(protocol: Protocol, why: Unsigned) -> Refusal {
    let named = |of_xml: &str, of_json: &str, message: String| {
        let code = if protocol.is_xml() { of_xml } else { of_json };
        let status = if protocol == Protocol::Json { 400 } else { 403 };
        Refusal::new(code, message).with_status(status)
    };
    match why {
        Unsigned::Missing => named(
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "Missing Authentication Token".into(),
        ),
        Unsigned::Incomplete(what) => named(
            "IncompleteSignature",
            "IncompleteSignatureException",
            what,
        )
        .with_status(400),
        Unsigned::UnknownService(name) => Refusal::not_found(
            "UnknownService",
            format!("testkit-aws does not reproduce the service {name}"),
        ),
        Unsigned::UnknownKey => named(
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "The security token included in the request is invalid.".into(),
        ),
        Unsigned::Expired => named(
            "ExpiredToken",
            "ExpiredTokenException",
            "The security token included in the request is expired".into(),
        ),
        Unsigned::Mismatch => named(
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
             and signing method. Consult the service documentation for details."
                .into(),
        ),
        Unsigned::Skewed(message) => {
            named("SignatureDoesNotMatch", "InvalidSignatureException", message)
        }
    }
}

/// What each protocol calls too many requests.
pub(super) fn throttled(protocol: Protocol) -> Refusal {
    let code = match protocol {
        Protocol::Ec2Query { .. } => {
            let refusal = Refusal::new("RequestLimitExceeded", "Request limit exceeded.");
            return refusal.with_status(503);
        }
        Protocol::Query { .. } | Protocol::RestXml { .. } => "Throttling",
        Protocol::Json | Protocol::RestJson { .. } => "ThrottlingException",
    };
    Refusal::new(code, "Rate exceeded")
}

fn said(status: u16, protocol: Protocol, id: &str, body: String) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let kind = match protocol {
        Protocol::Query { .. } | Protocol::Ec2Query { .. } | Protocol::RestXml { .. } => "text/xml",
        Protocol::Json => "application/x-amz-json-1.1",
        Protocol::RestJson { .. } => "application/json",
    };
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let id_name = HeaderName::from_static("x-amzn-requestid");
    if let (Ok(id), Ok(date)) = (HeaderValue::from_str(id), HeaderValue::from_str(&today())) {
        headers.insert(id_name, id);
        headers.insert(DATE, date);
    }
    reply
}

/// As HTTP writes dates; clients see by it how wrong their clock is.
fn today() -> String {
    let form = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    OffsetDateTime::now_utc().format(form).unwrap_or_default()
}
