//! Signatures of evidence, and who asks.

use anyhow::{Context, Result};
use aws_sdk_kms::{
    primitives::Blob,
    types::{KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec},
};

use super::site::{HOME, Site, client};

pub async fn ask(site: &Site) -> Result<()> {
    let sts = client!(aws_sdk_sts, site, HOME);
    sts.get_caller_identity().send().await?;
    let role = sts.assume_role().role_session_name("shapes");
    let role = role.role_arn("arn:aws:iam::123456789012:role/opsctl");
    role.duration_seconds(900).send().await?;
    let kms = client!(aws_sdk_kms, site, HOME);
    let key = kms.create_key().key_spec(KeySpec::EccNistP256);
    let key = key.key_usage(KeyUsageType::SignVerify).send().await?;
    let key = key.key_metadata.context("no key")?.key_id;
    kms.describe_key().key_id(&key).send().await?;
    kms.get_public_key().key_id(&key).send().await?;
    let message = || Blob::new("evidence");
    let signed = kms.sign().key_id(&key).message(message());
    let signed = signed
        .message_type(MessageType::Raw)
        .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
        .send()
        .await?;
    kms.verify()
        .key_id(&key)
        .message(message())
        .message_type(MessageType::Raw)
        .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
        .signature(signed.signature.context("no signature")?)
        .send()
        .await?;
    Ok(())
}
