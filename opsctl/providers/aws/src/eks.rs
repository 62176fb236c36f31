//! A cluster of EKS: where its API server is, and the token that it knows us by. No other program is needed for either.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_eks::types::ClusterStatus;
use aws_sdk_sts::config::ProvideCredentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use opsctl_core::clock::Timestamp;
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, FailureKind, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::account::{Aws, Side};
use crate::trouble;

/// The authenticator of EKS believes a token for a quarter of an hour, however long its signature says it is good.
const BELIEVED: Duration = Duration::from_secs(15 * 60);
/// A token is given up a minute before.
const MARGIN: Duration = Duration::from_secs(60);
/// How long the signature says that it is good, as `aws eks get-token` does.
const SIGNED_FOR: Duration = Duration::from_secs(60);
/// Everything but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
/// The header that binds a token to one cluster.
const CLUSTER: &str = "x-k8s-aws-id";

/// Where a cluster's API server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterAddress {
    /// Its URL.
    pub server: String,
    /// Who vouches for its certificate: PEM in base64.
    pub authority: String,
}

/// A token, and until when it is good.
#[derive(Debug)]
pub struct ClusterToken {
    /// For the header `Authorization: Bearer`.
    pub token: Secret<String>,
    /// Until when it should be used.
    pub expires_at: Timestamp,
}

/// Asks for a cluster's address.
///
/// # Errors
/// When there is none of that name, or it is not active.
pub async fn address(aws: &Aws, side: Side, name: &str) -> Result<ClusterAddress> {
    let what = || format!("can't find the cluster '{name}' in {}", aws.region(side));
    let client = aws_sdk_eks::Client::new(&aws.config(side).await?);
    let asked = client.describe_cluster().name(name).send().await;
    let answer = asked.map_err(|error| trouble::of(what(), &error))?;
    let absent = || Failure::failed(what()).cause("AWS tells nothing of it");
    let cluster = answer.cluster.ok_or_else(absent)?;
    match cluster.status {
        None | Some(ClusterStatus::Active | ClusterStatus::Updating) => {}
        Some(other) => {
            return Err(Failure::failed(format!(
                "the cluster '{name}' is {}",
                other.as_str()
            )));
        }
    }
    let authority = cluster.certificate_authority.and_then(|it| it.data);
    match (cluster.endpoint, authority) {
        (Some(server), Some(authority)) => Ok(ClusterAddress { server, authority }),
        _ => Err(Failure::failed(what()).cause("it has no address yet")),
    }
}

/// Signs a token for a cluster.
///
/// # Errors
/// [`FailureKind::Authentication`] when there is nobody to sign as.
pub async fn token(aws: &Aws, side: Side, name: &str, now: Timestamp) -> Result<ClusterToken> {
    let config = aws.config(side).await?;
    let nobody = || {
        Failure::new(
            FailureKind::Authentication,
            "there is nobody to ask the cluster as",
        )
    };
    let url = format!(
        "https://sts.{}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
        aws.region(side)
    );
    let signed = signed(&config, aws.region(side), &url, name)
        .await
        .map_err(|why| nobody().cause(why))?;
    let token = format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(signed));
    Ok(ClusterToken {
        token: Secret::new(token),
        expires_at: now.plus(BELIEVED - MARGIN),
    })
}

/// The question who asks, as an address that holds its own signature.
async fn signed(
    config: &SdkConfig,
    region: &str,
    url: &str,
    cluster: &str,
) -> std::result::Result<String, String> {
    let provider = config
        .credentials_provider()
        .ok_or("no credentials are configured")?;
    let keys = provider
        .provide_credentials()
        .await
        .map_err(|error| error.to_string())?;
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(SIGNED_FOR);
    let identity = keys.into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts");
    let parameters = parameters
        .time(SystemTime::now())
        .settings(settings)
        .build();
    let parameters = parameters.map_err(|error| error.to_string())?.into();
    let headers = std::iter::once((CLUSTER, cluster));
    let request = SignableRequest::new("GET", url, headers, SignableBody::Bytes(&[]));
    let request = request.map_err(|error| error.to_string())?;
    let output = sign(request, &parameters).map_err(|error| error.to_string())?;
    let (instructions, _) = output.into_parts();
    let pairs = instructions.params().iter();
    let query: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, RESERVED)))
        .collect();
    Ok(format!("{url}&{}", query.join("&")))
}
