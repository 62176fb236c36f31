//! One key and what can be done with it.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    digest::{self, Digest, SHA256},
    encoding::AsDer,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
        UnparsedPublicKey,
    },
};

use crate::{
    clock::Moment,
    endpoint::{Home, Refusal},
};

/// What the key is for.
pub(super) enum Material {
    Signing(Box<EcdsaKeyPair>),
    Encrypting(Box<RandomizedNonceKey>),
}

/// The part of a ciphertext that is no ciphertext: the nonce.
const NONCE: usize = 12;

pub(super) struct Key {
    pub home: Home,
    pub id: String,
    pub description: String,
    pub created_at: Moment,
    pub enabled: bool,
    /// From then on it is gone, and all that it encrypted.
    pub ends_at: Option<Moment>,
    pub material: Material,
}

impl Material {
    pub fn signing() -> Result<Self, Refusal> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING);
        let pair = pair.map_err(|_| broken())?;
        Ok(Self::Signing(Box::new(pair)))
    }

    pub fn encrypting() -> Result<Self, Refusal> {
        let mut secret = [0_u8; 32];
        aws_lc_rs::rand::fill(&mut secret).map_err(|_| broken())?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &secret);
        Ok(Self::Encrypting(Box::new(key.map_err(|_| broken())?)))
    }
}

impl Key {
    pub fn arn(&self) -> String {
        let Home { account, region } = &self.home;
        format!("arn:aws:kms:{region}:{account}:key/{}", self.id)
    }

    pub fn state(&self) -> &'static str {
        match (self.ends_at, self.enabled) {
            (Some(_), _) => "PendingDeletion",
            (None, true) => "Enabled",
            (None, false) => "Disabled",
        }
    }

    /// Refuses whatever needs a key that is in force.
    pub fn must_be_enabled(&self) -> Result<(), Refusal> {
        let arn = self.arn();
        match self.state() {
            "Enabled" => Ok(()),
            "Disabled" => Err(Refusal::new(
                "DisabledException",
                format!("{arn} is disabled."),
            )),
            state => Err(Refusal::new(
                "KMSInvalidStateException",
                format!("{arn} is {state}."),
            )),
        }
    }

    pub fn pair(&self) -> Result<&EcdsaKeyPair, Refusal> {
        match &self.material {
            Material::Signing(pair) => Ok(pair),
            Material::Encrypting(_) => Err(self.wrong_use("ENCRYPT_DECRYPT")),
        }
    }

    fn cipher(&self) -> Result<&RandomizedNonceKey, Refusal> {
        match &self.material {
            Material::Encrypting(key) => Ok(key),
            Material::Signing(_) => Err(self.wrong_use("SIGN_VERIFY")),
        }
    }

    fn wrong_use(&self, usage: &str) -> Refusal {
        let message = format!(
            "{} key usage is {usage} which is not valid for this operation.",
            self.arn()
        );
        Refusal::new("InvalidKeyUsageException", message)
    }

    pub fn sign(&self, digest: &Digest) -> Result<Vec<u8>, Refusal> {
        let signed = self.pair()?.sign_digest(digest).map_err(|_| broken())?;
        Ok(signed.as_ref().to_vec())
    }

    pub fn verify(&self, digest: &Digest, signature: &[u8]) -> Result<bool, Refusal> {
        let public = self.pair()?.public_key().as_ref();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public);
        Ok(public.verify_digest(digest, signature).is_ok())
    }

    /// As SubjectPublicKeyInfo in DER.
    pub fn public_key(&self) -> Result<Vec<u8>, Refusal> {
        let der = self.pair()?.public_key().as_der().map_err(|_| broken())?;
        Ok(der.as_ref().to_vec())
    }

    /// The key's id, a nonce, and what is encrypted; the context must be the same on the way back.
    pub fn encrypt(&self, plain: &[u8], context: &str) -> Result<Vec<u8>, Refusal> {
        let mut sealed = plain.to_vec();
        let cipher = self.cipher()?;
        let nonce = cipher.seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut sealed);
        let nonce = nonce.map_err(|_| broken())?;
        let mut blob = self.id.as_bytes().to_vec();
        blob.extend_from_slice(nonce.as_ref());
        blob.extend(sealed);
        Ok(blob)
    }

    /// Of what comes after the key's id.
    pub fn decrypt(&self, blob: &[u8], context: &str) -> Result<Vec<u8>, Refusal> {
        let invalid = || {
            Refusal::new(
                "InvalidCiphertextException",
                "The ciphertext is not this key's",
            )
        };
        let (nonce, sealed) = blob.split_at_checked(NONCE).ok_or_else(invalid)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| invalid())?;
        let mut opened = sealed.to_vec();
        let context = Aad::from(context.as_bytes());
        let plain = self.cipher()?.open_in_place(nonce, context, &mut opened);
        Ok(plain.map_err(|_| invalid())?.to_vec())
    }
}

/// What is signed: a message's digest, or one that was made elsewhere.
pub(super) fn digest_of(message: &[u8], kind: Option<&str>) -> Result<Digest, Refusal> {
    if kind != Some("DIGEST") {
        return Ok(digest::digest(&SHA256, message));
    }
    let wrong = |_| {
        Refusal::new(
            "ValidationException",
            "Digest is invalid length for algorithm ECDSA_SHA_256.",
        )
    };
    Digest::import_less_safe(message, &SHA256).map_err(wrong)
}

fn broken() -> Refusal {
    Refusal::new("KMSInternalException", "the cryptography failed").with_status(500)
}
