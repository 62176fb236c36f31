//! KMS: signatures that hold elsewhere, encryption, and keys that are switched off.

use std::time::Duration;

use anyhow::{Context, Result};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use aws_sdk_kms::{
    Client,
    config::{BehaviorVersion, Region, retry::RetryConfig},
    primitives::Blob,
    types::{KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec},
};
use testkit_aws::Aws;

use crate::stage::{ABROAD, REGION, code, credentials};

/// A point on P-256 is what remains of a public key behind this much of its frame.
const FRAME: usize = 26;

fn client(aws: &Aws, region: &'static str) -> Client {
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .endpoint_url(aws.url())
        .credentials_provider(credentials(&aws.account().keys))
        .retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}

async fn signing_key(kms: &Client) -> Result<String> {
    let create = kms.create_key().key_usage(KeyUsageType::SignVerify);
    let created = create.key_spec(KeySpec::EccNistP256).send().await?;
    Ok(created
        .key_metadata()
        .context("no key")?
        .key_id()
        .to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_holds_offline_by_the_public_key_alone() -> Result<()> {
    let aws = Aws::start().await?;
    let kms = client(&aws, REGION);
    let key = signing_key(&kms).await?;
    let name = kms.create_alias().alias_name("alias/evidence");
    name.target_key_id(&key).send().await?;
    let sign = kms
        .sign()
        .key_id("alias/evidence")
        .message(Blob::new("evidence"));
    let signed = sign
        .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
        .send()
        .await?;
    let signature = signed.signature().context("no signature")?.clone();
    let public = kms.get_public_key().key_id(&key).send().await?;
    let public = public.public_key().context("no key")?.as_ref()[FRAME..].to_vec();
    let offline = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public);
    assert!(offline.verify(b"evidence", signature.as_ref()).is_ok());
    let verify = |message: &str| {
        let verify = kms.verify().key_id(&key).message(Blob::new(message));
        let verify = verify.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
        verify.signature(signature.clone()).send()
    };
    assert!(verify("evidence").await?.signature_valid());
    assert_eq!(
        code(verify("another").await),
        "KMSInvalidSignatureException"
    );
    let digest = kms.sign().key_id(&key).message_type(MessageType::Digest);
    let digest = digest.message(Blob::new("no digest"));
    let digest = digest.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
    assert_eq!(code(digest.send().await), "ValidationException");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_encrypted_comes_back_with_its_context_and_key_alone() -> Result<()> {
    let aws = Aws::start().await?;
    let kms = client(&aws, REGION);
    let created = kms.create_key().send().await?;
    let key = created
        .key_metadata()
        .context("no key")?
        .key_id()
        .to_owned();
    let encrypt = kms.encrypt().key_id(&key).plaintext(Blob::new("plain"));
    let sealed = encrypt.encryption_context("app", "orders").send().await?;
    let sealed = sealed.ciphertext_blob().context("nothing")?.clone();
    let decrypt = || kms.decrypt().ciphertext_blob(sealed.clone());
    let opened = decrypt().encryption_context("app", "orders").send().await?;
    assert_eq!(opened.plaintext(), Some(&Blob::new("plain")));
    assert_eq!(code(decrypt().send().await), "InvalidCiphertextException");
    let other = kms.create_key().send().await?;
    let other = other.key_metadata().context("no key")?.key_id();
    let wrong = decrypt().key_id(other).send().await;
    assert_eq!(code(wrong), "IncorrectKeyException");
    let signing = signing_key(&kms).await?;
    let wrong = kms.encrypt().key_id(signing).plaintext(Blob::new("plain"));
    assert_eq!(code(wrong.send().await), "InvalidKeyUsageException");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_off_or_ending_does_nothing_and_is_of_one_region() -> Result<()> {
    let aws = Aws::start().await?;
    let kms = client(&aws, REGION);
    let key = signing_key(&kms).await?;
    let public = || kms.get_public_key().key_id(&key).send();
    kms.disable_key().key_id(&key).send().await?;
    assert_eq!(code(public().await), "DisabledException");
    kms.enable_key().key_id(&key).send().await?;
    public().await?;
    let end = || {
        kms.schedule_key_deletion()
            .key_id(&key)
            .pending_window_in_days(7)
    };
    end().send().await?;
    assert_eq!(code(public().await), "KMSInvalidStateException");
    kms.cancel_key_deletion().key_id(&key).send().await?;
    assert_eq!(
        code(public().await),
        "DisabledException",
        "it comes back switched off"
    );
    let abroad = client(&aws, ABROAD)
        .describe_key()
        .key_id(&key)
        .send()
        .await;
    assert_eq!(code(abroad), "NotFoundException");
    end().send().await?;
    aws.clock().advance(Duration::from_secs(7 * 24 * 3600));
    let gone = kms.describe_key().key_id(&key).send().await;
    assert_eq!(code(gone), "NotFoundException");
    Ok(())
}
