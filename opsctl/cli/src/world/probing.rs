//! The application's probe on a restored copy, from this machine: its password lies in memory and not in a file.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Application, Location, ProbeAnswer, ProbeRequest, ProcessReport};
use opsctl_local::application::LocalApplication;
use opsctl_postgres::passwords;

/// The application's program beside opsctl's own, handed a way in that is complete.
pub(super) struct ProbingHere(pub Arc<LocalApplication>);

#[async_trait]
impl Application for ProbingHere {
    async fn processes(&self) -> Result<Vec<ProcessReport>> {
        self.0.processes().await
    }

    async fn probe(&self, permit: &Permit<'_>, request: &ProbeRequest) -> Result<ProbeAnswer> {
        let request = ProbeRequest {
            location: complete(&request.location)?,
            user_id: request.user_id,
        };
        self.0.probe(permit, &request).await
    }
}

/// The location with its password in it: it goes into a file that the probe alone reads, and nowhere else.
fn complete(location: &Location) -> Result<Location> {
    let Some(secret) = &location.password_secret else {
        return Ok(location.clone());
    };
    let password = passwords::held(secret)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escaped = password
        .expose()
        .bytes()
        .fold(String::new(), |out, byte| match plain(byte) {
            true => out + &char::from(byte).to_string(),
            false => out + &format!("%{byte:02X}"),
        });
    let url = match location.url.split_once('@') {
        Some((who, place)) => format!("{who}:{escaped}@{place}"),
        None => location.url.clone(),
    };
    Ok(Location {
        url,
        password_secret: None,
        ..location.clone()
    })
}
