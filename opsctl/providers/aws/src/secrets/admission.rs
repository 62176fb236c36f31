//! The application's login at a database that was restored: it knows passwords of the time of its backup, and is given the one in use.

use opsctl_core::guard::Permit;
use opsctl_core::ports::{Location, LoginTrial, Logins};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};

/// Lets that login in, if it is not let in already.
///
/// # Errors
/// When nobody can log in as it afterwards either.
pub(super) async fn let_in(
    logins: &dyn Logins,
    permit: &Permit<'_>,
    way_in: &Location,
    (user, password): (&str, &Secret<String>),
) -> Result<()> {
    if refusal(logins, way_in, user, password).await?.is_none() {
        return Ok(());
    }
    if !logins.lacking(way_in).await?.is_empty() {
        logins.prepare(permit, way_in).await?;
    }
    let set = logins.set_password(permit, way_in, user, password);
    set.await?;
    match refusal(logins, way_in, user, password).await? {
        None => Ok(()),
        Some(words) => Err(Failure::failed(format!(
            "{user} can't log in to the database that is to serve"
        ))
        .cause(words)
        .left("the application is told of the database before")),
    }
}

async fn refusal(
    logins: &dyn Logins,
    way_in: &Location,
    user: &str,
    password: &Secret<String>,
) -> Result<Option<String>> {
    Ok(match logins.try_login(way_in, user, password).await? {
        LoginTrial::Works { .. } => None,
        LoginTrial::Refused { words } => Some(words),
    })
}
