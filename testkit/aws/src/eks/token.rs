//! Tokens of a cluster: a question to STS that somebody signed, and that whoever holds it may ask. The answer is who they are.
//!
//! Judges as the authenticator of EKS does, and gives nobody any right.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hyper::{
    HeaderMap, Uri,
    body::Bytes,
    header::{HOST, HeaderValue},
};

use crate::{
    accounts::Accounts,
    clock::Clock,
    endpoint::{self, Incoming, Parameters, Service},
};

const PREFIX: &str = "k8s-aws-v1.";
/// Says which cluster the token is for.
const CLUSTER: &str = "x-k8s-aws-id";
/// What nobody signs a question longer than.
const LONGEST: usize = 4096;
/// The question, and what may stand beside it.
const KNOWN: [&str; 2] = ["Action", "Version"];

/// Who a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: String,
    /// The user, or the role with the session.
    pub arn: String,
    /// The id that does not come again when a name does.
    pub user_id: String,
}

/// Who the token is, if it is one for that cluster; else why not.
pub(crate) fn verify(
    token: &str,
    cluster: &str,
    own: &str,
    (accounts, clock): (&Accounts, &Clock),
) -> Result<Identity, String> {
    let address = address(token)?;
    let host = address.host().unwrap_or_default();
    let authority = address.authority().map(|it| it.as_str());
    let of_sts = host.starts_with("sts.") && host.ends_with(".amazonaws.com");
    if authority != Some(own) && !of_sts {
        return Err(format!("the token would ask '{host}', which is not STS"));
    }
    asks_who_i_am(&address)?;
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (HOST.as_str(), authority.unwrap_or_default()),
        (CLUSTER, cluster),
    ] {
        let value = HeaderValue::from_str(value).map_err(|_| "a header is no text")?;
        headers.insert(
            hyper::header::HeaderName::from_bytes(name.as_bytes()).map_err(|it| it.to_string())?,
            value,
        );
    }
    let request = Incoming {
        method: "GET".to_owned(),
        path: address.path().to_owned(),
        query: address.query().unwrap_or_default().to_owned(),
        headers,
        body: Bytes::new(),
    };
    if !endpoint::covers(&request, CLUSTER) {
        return Err(format!(
            "{CLUSTER} is not signed: the token is for no cluster"
        ));
    }
    let signed = endpoint::verify(&request, accounts, clock);
    let signed = signed.map_err(|why| format!("STS turns it away: {why:?}"))?;
    match signed.service {
        Service::Sts => Ok(Identity {
            account: signed.caller.account,
            arn: signed.caller.arn,
            user_id: signed.caller.user_id,
        }),
        other => Err(format!("it is signed for {other:?}")),
    }
}

fn address(token: &str) -> Result<Uri, String> {
    let encoded = token
        .strip_prefix(PREFIX)
        .ok_or_else(|| format!("it does not begin with {PREFIX}"))?;
    if encoded.len() > LONGEST {
        return Err("it is too long".to_owned());
    }
    let decoded = URL_SAFE_NO_PAD.decode(encoded);
    let decoded = decoded.map_err(|_| "it is not base64 for addresses, without padding")?;
    let text = String::from_utf8(decoded).map_err(|_| "it holds no text")?;
    text.parse().map_err(|_| "it holds no address".to_owned())
}

fn asks_who_i_am(address: &Uri) -> Result<(), String> {
    let query = Parameters::of_form(address.query().unwrap_or_default());
    if address.path() != "/" || query.text("Action") != Some("GetCallerIdentity") {
        return Err("it asks something else than who somebody is".to_owned());
    }
    if let Some(stranger) = query.beside(&KNOWN) {
        return Err(format!("it says {stranger}, which nobody asked for"));
    }
    let expires = query.text("X-Amz-Expires").unwrap_or_default();
    match expires.parse::<u32>() {
        Ok(seconds) if seconds <= 900 => Ok(()),
        _ => Err("X-Amz-Expires is not between 0 and 900".to_owned()),
    }
}
