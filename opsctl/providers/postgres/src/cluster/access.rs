//! The password of the application's login.
//!
//! The server is sent a SCRAM verifier, never the password: no log of statements can show it.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use opsctl_core::{Result, secret::Secret};
use rand::Rng;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{connection::Asking, durable::At};

/// PostgreSQL's own default.
const ITERATIONS: u32 = 4096;

/// The password in a file; a new random one is written (mode 0600) where there is none.
///
/// # Errors
/// When the file can't be read or written.
pub fn password_in(file: &Path) -> Result<Secret<String>> {
    if file.exists() {
        let text = fs::read_to_string(file).at("read", file)?;
        return Ok(Secret::new(text.trim_end_matches('\n').to_owned()));
    }
    let bytes: [u8; 24] = rand::rng().random();
    let password = hex::encode(bytes);
    let mut created = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .at("create", file)?;
    created.write_all(password.as_bytes()).at("write", file)?;
    created.sync_all().at("sync", file)?;
    Ok(Secret::new(password))
}

/// Gives a login its password.
///
/// # Errors
/// When there is no such login, or the administrator may not change it.
pub async fn set_password(
    connection: &mut PgConnection,
    login: &str,
    password: &Secret<String>,
) -> Result<()> {
    let verifier = verifier(password.expose(), &rand::rng().random());
    let name = login.replace('"', "\"\"");
    let statement = format!("ALTER ROLE \"{name}\" PASSWORD '{verifier}'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
        .execute(connection)
        .await
        .asking("change the password of the application's login")?;
    Ok(())
}

/// What PostgreSQL stores of a password (RFC 5803). Ours are plain ASCII, so that SASLprep changes nothing.
fn verifier(password: &str, salt: &[u8; 16]) -> String {
    let salted = derive(password.as_bytes(), salt);
    let client_key = hmac(&salted, &[b"Client Key"]);
    let stored_key: [u8; 32] = Sha256::digest(client_key).into();
    let server_key = hmac(&salted, &[b"Server Key"]);
    format!(
        "SCRAM-SHA-256${ITERATIONS}:{}${}:{}",
        base64(salt),
        base64(&stored_key),
        base64(&server_key)
    )
}

/// PBKDF2 with one block.
fn derive(password: &[u8], salt: &[u8]) -> [u8; 32] {
    let mut last = hmac(password, &[salt, &1u32.to_be_bytes()]);
    let mut sum = last;
    for _ in 1..ITERATIONS {
        last = hmac(password, &[&last]);
        sum.iter_mut().zip(last).for_each(|(a, b)| *a ^= b);
    }
    sum
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut inner = Sha256::new_with_prefix(block.map(|byte| byte ^ 0x36));
    for part in parts {
        inner.update(part);
    }
    let outer = Sha256::new_with_prefix(block.map(|byte| byte ^ 0x5c));
    outer.chain_update(inner.finalize()).finalize().into()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().enumerate().fold(0u32, |sum, (at, byte)| {
            sum | u32::from(*byte) << (16 - 8 * at)
        });
        for at in 0..4 {
            let digit = (group >> (18 - 6 * at)) & 63;
            text.push(if at > chunk.len() {
                '='
            } else {
                char::from(DIGITS[digit as usize])
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verifier_is_the_one_of_the_standard() {
        // RFC 7677, section 3: user "user", password "pencil".
        let salt = [
            0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e, 0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36,
            0xfa, 0x81,
        ];
        assert_eq!(
            verifier("pencil", &salt),
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$\
             WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
             wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
    }
}
