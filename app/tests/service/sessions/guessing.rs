//! Guessing passwords, and hashes of older days.

use anyhow::Result;
use serde_json::json;

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(
    guessing_is_slowed_alike_for_accounts_that_exist_and_those_that_do_not,
    a_hash_with_older_parameters_is_replaced_at_log_in,
);

async fn guessing_is_slowed_alike_for_accounts_that_exist_and_those_that_do_not(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    service.client.sign_up("known@example.com").await?;
    let mut told = Vec::new();
    for (name, again) in [
        ("known@example.com", "KNOWN@example.com "),
        ("unknown@example.com", "Unknown@example.com"),
        ("no address", "No Address"),
    ] {
        let attempt = async |email: &str, password: &str| {
            let body = json!({"email": email, "password": password});
            service.client.post("/auth/login", &body).await
        };
        let mut statuses = Vec::new();
        // A wait lasts a second at first, which a slow machine may spend between two of these.
        let slowed = loop {
            let answer = attempt(name, "wrong horse").await?;
            if answer.status == 429 {
                break answer;
            }
            assert_eq!(answer.problem(), (401, "invalid_credentials"));
            statuses.push(answer.status);
            anyhow::ensure!(statuses.len() < 30, "nothing slows it");
        };
        assert_eq!(slowed.problem(), (429, "too_many_attempts"));
        assert!(slowed.header("retry-after").parse::<u64>()? >= 1);
        assert!(statuses.len() >= 5, "people mistype");
        // Another spelling is the same account, and the right password waits as well.
        let spelled = attempt(again, "correct horse battery").await?;
        told.push(spelled.status.as_u16());
    }
    assert_eq!(told, [429; 3]);
    Ok(())
}

async fn a_hash_with_older_parameters_is_replaced_at_log_in(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    service.client.sign_up("me@example.com").await?;
    // "correct horse battery" with 64 KiB and one pass.
    let older = older_hash("correct horse battery")?;
    place
        .execute(&format!("UPDATE users SET password_hash = '{older}'"))
        .await?;
    let body = json!({"email": "me@example.com", "password": "correct horse battery"});
    for _ in 0..2 {
        assert_eq!(service.client.post("/auth/login", &body).await?.status, 200);
        let kept = place.text("SELECT password_hash AS x FROM users").await?;
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kept}"
        );
    }
    Ok(())
}

fn older_hash(password: &str) -> Result<String> {
    use argon2::password_hash::{PasswordHasher, SaltString};
    use argon2::{Algorithm, Argon2, Params, Version};
    let failed = |error: &dyn std::fmt::Display| anyhow::anyhow!("{error}");
    let salt = SaltString::from_b64("c29tZXNhbHRzb21lc2FsdA").map_err(|error| failed(&error))?;
    let params = Params::new(64, 1, 1, None).map_err(|error| failed(&error))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| failed(&error))
}
