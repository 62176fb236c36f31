//! Which tokens hold.

use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const SECRET: &str = "a secret of the tests, long enough";

fn tokens(revocation: Revocation) -> Tokens {
    Tokens::new(&Secret::new(SECRET), HOUR, revocation)
}

fn user() -> Bearer {
    Bearer {
        user: UserId(uuid::Uuid::from_u128(7)),
        session: None,
    }
}

fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

fn signed(algorithm: Algorithm, claims: &serde_json::Value, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
}

fn refused(token: &str) -> bool {
    matches!(
        tokens(Revocation::Honoured).read(token, None),
        Err(ApiError::InvalidToken)
    )
}

#[test]
fn a_token_names_its_user() {
    let tokens = tokens(Revocation::Honoured);
    let token = tokens.issue(user(), None).unwrap();
    assert_eq!(tokens.read(&token, None).unwrap().bearer, user());
}

#[test]
fn a_token_names_its_session() {
    let tokens = tokens(Revocation::Honoured);
    let bearer = Bearer {
        session: Some(SessionId(uuid::Uuid::from_u128(8))),
        ..user()
    };
    let token = tokens.issue(bearer, None).unwrap();
    assert_eq!(tokens.read(&token, None).unwrap().bearer, bearer);
}

fn keys(current: &str, previous: Option<&str>, next: Option<&str>) -> JwtKeys {
    JwtKeys {
        current: Secret::new(current),
        previous: previous.map(Secret::new),
        next: next.map(Secret::new),
    }
}

#[test]
fn a_rotation_logs_nobody_out_and_the_one_after_it_retires_the_key() {
    let tokens = tokens(Revocation::Honoured);
    let old = tokens.issue(user(), None).unwrap();
    let second = "a second secret, long enough as well";
    tokens.use_keys(&keys(second, Some(SECRET), None));
    let new = tokens.issue(user(), None).unwrap();
    assert!(tokens.read(&old, None).is_ok() && tokens.read(&new, None).is_ok());
    let third = "a third secret, which is as long as that";
    tokens.use_keys(&keys(third, Some(second), None));
    assert!(tokens.read(&old, None).is_err() && tokens.read(&new, None).is_ok());
}

#[test]
fn a_key_that_another_process_signs_with_already_is_read() {
    let (ahead, behind) = (tokens(Revocation::Honoured), tokens(Revocation::Honoured));
    let next = "a second secret, long enough as well";
    behind.use_keys(&keys(SECRET, None, Some(next)));
    ahead.use_keys(&keys(next, Some(SECRET), None));
    let token = ahead.issue(user(), None).unwrap();
    assert!(behind.read(&token, None).is_ok());
    let token = behind.issue(user(), None).unwrap();
    assert!(ahead.read(&token, None).is_ok());
}

#[test]
fn what_is_not_exactly_ours_is_refused() {
    let good =
        json!({"sub": user().user, "iat": now(), "exp": now() + 60, "iss": "app", "aud": "app"});
    assert!(!refused(&signed(Algorithm::HS256, &good, SECRET)));

    assert!(refused(&signed(
        Algorithm::HS256,
        &good,
        "another secret that is long enough too"
    )));
    assert!(refused(&signed(Algorithm::HS512, &good, SECRET)));
    for (claim, value) in [
        ("iss", json!("other")),
        ("aud", json!("other")),
        ("exp", json!(now() - 1)),
        ("sub", json!("not a uuid")),
        ("sub", json!(null)),
        ("exp", json!(null)),
        ("iat", json!(null)),
        ("sid", json!("not a uuid")),
    ] {
        let mut claims = good.clone();
        claims[claim] = value;
        assert!(
            refused(&signed(Algorithm::HS256, &claims, SECRET)),
            "{claims}"
        );
    }
    for text in ["", ".", "..", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        assert!(refused(text), "{text}");
    }
}

#[test]
fn a_token_from_before_the_revocation_is_refused_and_one_after_it_holds() {
    let tokens = tokens(Revocation::Honoured);
    let before = tokens.issue(user(), None).unwrap();
    // Just after the present second, so that the test does not depend on where in it we are.
    let revoked_at = Timestamp::from_microseconds((now() + 1) * 1_000_000).unwrap();
    assert!(tokens.read(&before, Some(revoked_at)).is_err());
    let after = tokens.issue(user(), Some(revoked_at)).unwrap();
    assert!(tokens.read(&after, Some(revoked_at)).is_ok());
}

#[test]
fn a_log_in_holds_where_the_clock_is_behind_the_revocation_by_less_than_a_minute() {
    let tokens = tokens(Revocation::Honoured);
    let ahead = |seconds| Timestamp::from_microseconds((now() + seconds) * 1_000_000);
    let holds = |revoked_at| {
        let token = tokens.issue(user(), revoked_at).unwrap();
        tokens.read(&token, revoked_at).is_ok()
    };
    assert!(holds(ahead(45)));
    assert!(!holds(ahead(3600)), "that is no clock that is behind");
}

#[test]
fn a_secret_that_no_session_used_has_nothing_to_revoke() {
    let tokens = tokens(Revocation::NothingToRevoke);
    let token = tokens.issue(user(), None).unwrap();
    let later = Timestamp::from_microseconds((now() + 60) * 1_000_000);
    assert!(tokens.read(&token, later).is_ok());
}

/// As `openssl genpkey -algorithm ed25519` writes one.
fn pair(number: u8) -> (Secret, ed25519_dalek::SigningKey) {
    use ed25519_dalek::pkcs8::EncodePrivateKey;
    let key = ed25519_dalek::SigningKey::from_bytes(&[number; 32]);
    let pem = key.to_pkcs8_pem(Default::default()).unwrap();
    (Secret::new(pem.as_str()), key)
}

#[test]
fn a_rotation_may_lead_from_a_secret_to_a_pair_of_keys() {
    let tokens = tokens(Revocation::Honoured);
    let old = tokens.issue(user(), None).unwrap();
    assert!(tokens.public_keys().is_empty());
    tokens.use_keys(&JwtKeys {
        current: pair(7).0,
        previous: Some(Secret::new(SECRET)),
        next: Some(pair(8).0),
    });
    let new = tokens.issue(user(), None).unwrap();
    assert_eq!(
        jsonwebtoken::decode_header(&new).unwrap().alg,
        Algorithm::EdDSA
    );
    assert!(tokens.read(&old, None).is_ok() && tokens.read(&new, None).is_ok());
    // Whoever has the public half alone reads as well, and finds it by its name.
    let named = jsonwebtoken::decode_header(&new).unwrap().kid;
    let keys = tokens.public_keys();
    assert_eq!(keys.len(), 2);
    let key = keys.iter().find(|key| key.common.key_id == named).unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[AUDIENCE]);
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    assert!(jsonwebtoken::decode::<Claims>(&new, &key, &validation).is_ok());
    let shown = serde_json::to_string(&keys).unwrap();
    assert!(
        !shown.contains("\"d\"") && !shown.contains("oct"),
        "{shown}"
    );
}

#[test]
fn a_public_key_is_never_taken_for_a_secret() {
    let (secret, key) = pair(7);
    let tokens = tokens(Revocation::Honoured);
    tokens.use_keys(&JwtKeys::only(secret.clone()));
    let claims =
        json!({"sub": user().user, "iat": now(), "exp": now() + 60, "iss": "app", "aud": "app"});
    let public = key.verifying_key();
    let jwk = serde_json::to_string(&tokens.public_keys()).unwrap();
    let kid = tokens.public_keys()[0].common.key_id.clone();
    for bytes in [
        public.as_bytes().as_slice(),
        jwk.as_bytes(),
        secret.reveal().as_bytes(),
        b"",
    ] {
        for kid in [None, kid.clone()] {
            let mut header = Header::new(Algorithm::HS256);
            header.kid = kid;
            let key = EncodingKey::from_secret(bytes);
            let forged = jsonwebtoken::encode(&header, &claims, &key).unwrap();
            assert!(tokens.read(&forged, None).is_err());
        }
    }
    // Another pair, under the name of ours.
    let other = Tokens::new(&pair(9).0, HOUR, Revocation::Honoured);
    assert!(
        tokens
            .read(&other.issue(user(), None).unwrap(), None)
            .is_err()
    );
}
