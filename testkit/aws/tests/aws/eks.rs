//! Clusters, and the tokens that their API servers take: questions to STS that are signed in the address.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use aws_sdk_eks::config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http_body_util::Full;
use hyper::Request;
use testkit_aws::{Aws, Keys, eks::Cluster};

use crate::{
    http::answered,
    stage::{ABROAD, REGION, code, credentials},
};

const CLUSTER: &str = "x-k8s-aws-id";
const WHO: &str = "/?Action=GetCallerIdentity&Version=2011-06-15";

/// An address of ours that asks STS who somebody is, signed for a cluster.
fn presigned(aws: &Aws, keys: &Keys, (path, cluster): (&str, &str)) -> Result<String> {
    signed(&format!("{}{path}", aws.url()), keys, cluster)
}

fn signed(address: &str, keys: &Keys, cluster: &str) -> Result<String> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(60));
    let identity = credentials(keys).into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name("sts")
        .time(SystemTime::now())
        .settings(settings)
        .build()?
        .into();
    let headers = [(CLUSTER, cluster)].into_iter();
    let question = SignableRequest::new("GET", address, headers, SignableBody::Bytes(&[]))?;
    let (instructions, _) = sign(question, &parameters)?.into_parts();
    let mut request = Request::get(address).body(())?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(request.uri().to_string())
}

fn token(address: &str) -> String {
    format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(address))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_described_with_its_address_and_whom_to_trust() -> Result<()> {
    let aws = Aws::start().await?;
    let cluster = Cluster {
        name: "platform".into(),
        version: "1.34".into(),
        endpoint: "https://127.0.0.1:6443".into(),
        authority: "-----BEGIN CERTIFICATE-----".into(),
    };
    aws.eks().put(Aws::ACCOUNT, REGION, cluster);
    let client = |region: &'static str| {
        let config = aws_sdk_eks::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .endpoint_url(aws.url())
            .credentials_provider(credentials(&aws.account().keys))
            .retry_config(RetryConfig::disabled());
        aws_sdk_eks::Client::from_conf(config.build())
    };
    let eks = client(REGION);
    let told = eks.describe_cluster().name("platform").send().await?;
    let told = told.cluster().context("no cluster")?;
    assert_eq!(told.endpoint(), Some("https://127.0.0.1:6443"));
    let authority = told.certificate_authority().and_then(|it| it.data());
    let authority = base64::engine::general_purpose::STANDARD.decode(authority.context("none")?)?;
    assert_eq!(authority, b"-----BEGIN CERTIFICATE-----");
    assert_eq!(told.status().map(|it| it.as_str()), Some("ACTIVE"));
    let arn = "arn:aws:eks:eu-central-1:111111111111:cluster/platform";
    assert_eq!(told.arn(), Some(arn));
    let elsewhere = client(ABROAD).describe_cluster().name("platform").send();
    assert_eq!(code(elsewhere.await), "ResourceNotFoundException");
    assert_eq!(
        code(eks.list_clusters().send().await),
        "UnknownOperationException"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_whoever_signed_it_for_one_cluster() -> Result<()> {
    let aws = Aws::start().await?;
    let keys = aws.account().keys.clone();
    let given = token(&presigned(&aws, &keys, (WHO, "platform"))?);
    let who = aws
        .verify_token(&given, "platform")
        .map_err(anyhow::Error::msg)?;
    assert_eq!(who.account, Aws::ACCOUNT);
    assert_eq!(who.arn, "arn:aws:iam::111111111111:user/tester");
    // What asks AWS itself is a token as well: an authenticator would ask there.
    let address = format!("https://sts.{REGION}.amazonaws.com{WHO}");
    let real = token(&signed(&address, &keys, "platform")?);
    assert_eq!(aws.verify_token(&real, "platform"), Ok(who));
    let other = aws.verify_token(&given, "another").unwrap_err();
    assert!(other.contains("Mismatch"), "{other}");
    let something = presigned(
        &aws,
        &keys,
        ("/?Action=AssumeRole&Version=2011-06-15", "platform"),
    )?;
    let refused = aws
        .verify_token(&token(&something), "platform")
        .unwrap_err();
    assert!(refused.contains("something else"), "{refused}");
    let wrong = Keys {
        secret_access_key: "wrong".into(),
        ..keys
    };
    let forged = token(&presigned(&aws, &wrong, (WHO, "platform"))?);
    assert!(aws.verify_token(&forged, "platform").is_err());
    let elsewhere = given.replace("k8s-aws-v1.", "k8s-aws-v2.");
    assert!(aws.verify_token(&elsewhere, "platform").is_err());
    let host = presigned(&aws, &aws.account().keys, (WHO, "platform"))?;
    let host = token(&host.replace("127.0.0.1", "sts.example.org"));
    let refused = aws.verify_token(&host, "platform").unwrap_err();
    assert!(refused.contains("not STS"), "{refused}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_a_quarter_of_an_hour() -> Result<()> {
    let aws = Aws::start().await?;
    let keys = &aws.account().keys;
    let given = token(&presigned(&aws, keys, (WHO, "platform"))?);
    aws.clock().skew_signatures(time::Duration::minutes(14));
    assert!(aws.verify_token(&given, "platform").is_ok());
    aws.clock().skew_signatures(time::Duration::minutes(16));
    let late = aws.verify_token(&given, "platform").unwrap_err();
    assert!(late.contains("Signature expired"), "{late}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_address_may_be_asked_by_somebody_else() -> Result<()> {
    let aws = Aws::start().await?;
    let address = presigned(&aws, &aws.account().keys, (WHO, "platform"))?;
    let ask = |cluster: &str| {
        let asked = Request::get(&address).header(CLUSTER, cluster);
        asked.body(Full::default())
    };
    let told = answered(ask("platform")?).await?;
    assert_eq!(told.status(), 200, "{}", told.body());
    assert!(told.body().contains(":user/tester"), "{}", told.body());
    let refused = answered(ask("another")?).await?;
    assert_eq!(refused.status(), 403);
    assert!(refused.body().contains("SignatureDoesNotMatch"));
    let kept = format!("{:?}", aws.calls());
    let signature = address.split("X-Amz-Signature=").nth(1).context("none")?;
    assert!(!kept.contains(&signature[..64]), "{kept}");
    Ok(())
}
