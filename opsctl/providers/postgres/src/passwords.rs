//! Passwords that lie in a store of secrets and not in a file: whoever opens the environment holds them here, in memory alone, before
//! anybody connects. A process works for one environment, so one place is enough.

use std::collections::HashMap;
use std::sync::{OnceLock, PoisonError, RwLock};

use opsctl_core::secret::Secret;
use opsctl_core::{Failure, FailureKind, Result};

static HELD: OnceLock<RwLock<HashMap<String, Secret<String>>>> = OnceLock::new();

/// Holds the password that a secret holds; a newer one takes its place.
pub fn hold(secret: &str, password: Secret<String>) {
    let held = HELD.get_or_init(RwLock::default).write();
    let mut held = held.unwrap_or_else(PoisonError::into_inner);
    held.insert(secret.to_owned(), password);
}

/// The password of a secret.
///
/// # Errors
/// When nobody held it.
pub fn held(secret: &str) -> Result<Secret<String>> {
    let held = HELD.get_or_init(RwLock::default).read();
    let held = held.unwrap_or_else(PoisonError::into_inner);
    held.get(secret).cloned().ok_or_else(|| {
        Failure::new(
            FailureKind::Authentication,
            format!("the password in '{secret}' was not read"),
        )
        .hint("opsctl secrets status")
    })
}
