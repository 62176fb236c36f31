//! What is found before a rotation is planned. Reads alone.

use std::time::Duration;

use super::{Retiring, SecretKind};
use crate::engine::StopReason;
use crate::failure::{Failure, Result};
use crate::guard::LockRecord;
use crate::names::{OperationId, ResourceName};
use crate::ports::{Descriptor, Location, Logins, SecretFacts, World};
use crate::state::{Key, Register};

/// What a secret's plan is made from.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Which secret.
    pub kind: SecretKind,
    /// What the place for secrets tells.
    pub facts: SecretFacts,
    /// Of the database's credentials.
    pub logins: Option<LoginsSeen>,
    /// Until when the value before the last rotation is needed.
    pub retiring: Option<Retiring>,
    /// Of the key that signs tokens: the longest lifetime of one that a living process signs.
    pub token_lifetime: Option<Duration>,
}

/// The two logins.
#[derive(Debug, Clone)]
pub struct LoginsSeen {
    /// Their names.
    pub pair: [String; 2],
    /// What one of them lacks.
    pub lacking: Vec<String>,
}

impl Seen {
    /// Looks.
    ///
    /// # Errors
    /// When the environment has no such secret, or something can't be asked.
    pub async fn see(world: &World, kind: SecretKind) -> Result<Self> {
        let secrets = world.secrets()?;
        if !secrets.store.kinds().contains(&kind) {
            return Err(no_such(world, kind));
        }
        secrets.delivery.ready(kind).await?;
        let logins = match kind {
            SecretKind::Database => Some(see_logins(world).await?),
            _ => None,
        };
        let token_lifetime = match kind {
            SecretKind::Jwt => secrets.delivery.token_lifetime().await?,
            _ => None,
        };
        Ok(Self {
            kind,
            facts: secrets.store.describe(kind).await?.unwrap_or_default(),
            logins,
            retiring: retiring(world, kind).await?,
            token_lifetime,
        })
    }
}

async fn see_logins(world: &World) -> Result<LoginsSeen> {
    let logins = logins(world)?;
    let (_, administrator) = database(world).await?;
    Ok(LoginsSeen {
        pair: logins.pair(),
        lacking: logins.lacking(&administrator).await?,
    })
}

/// The logins of the environment's database.
pub(super) fn logins(world: &World) -> Result<&dyn Logins> {
    world.secrets()?.logins.as_deref().ok_or_else(|| {
        let name = &world.environment.name;
        Failure::usage(format!("the database of '{name}' has no logins"))
            .cause("a file is opened, not logged in to")
    })
}

/// What the application is told of its database, and the administrator's way in.
pub(super) async fn database(world: &World) -> Result<(Descriptor, Location)> {
    let name = &world.environment.name;
    let descriptor = world.pointer.read().await?.ok_or_else(|| {
        Failure::refused(format!("'{name}' has no database yet"))
            .left("nothing was changed")
            .hint(format!("opsctl --env {name} migrate up"))
    })?;
    let administrator = world.pointer.administrator(&descriptor).await?;
    Ok((descriptor, administrator))
}

fn no_such(world: &World, kind: SecretKind) -> Failure {
    let name = &world.environment.name;
    let why = match kind {
        SecretKind::Master => {
            "its administrator comes through the server's own socket, without a password"
        }
        _ => "nothing here is handed one",
    };
    Failure::usage(format!("'{name}' has no secret '{kind}'")).cause(why)
}

/// The note that a rotation left.
pub(super) async fn retiring(world: &World, kind: SecretKind) -> Result<Option<Retiring>> {
    let register = Register::<Retiring>::at(world.store.as_ref(), retiring_key(kind));
    Ok(register.load().await?.1)
}

pub(super) fn retiring_key(kind: SecretKind) -> Key {
    Key::of(&["secrets", kind.as_str(), "retiring"])
}

/// The operation that is open on the secrets, if one is.
pub(super) async fn open_operation(world: &World) -> Result<Option<OperationId>> {
    let lock = Key::lock(&ResourceName::new(super::RESOURCE)?);
    let register = Register::<LockRecord>::at(world.store.as_ref(), lock);
    let record = register.load().await?.1;
    Ok(record.and_then(|record| record.open))
}

/// A wait that somebody ended.
pub(super) fn stopped(what: &str, reason: &StopReason) -> Failure {
    let what = format!("stopped while waiting {what}");
    Failure::new(crate::failure::FailureKind::Stopped, what).cause(reason.to_string())
}
