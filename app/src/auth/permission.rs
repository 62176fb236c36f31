//! What somebody may do beyond their own things, and the extractor that makes a handler unreachable without it. Permissions
//! are rows that only the operator of the database writes; see docs/decisions/0040-auth.md.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::{StatusCode, request::Parts};

use super::Caller;
use crate::database::UserId;
use crate::http::{ApiError, AppState, Key};

/// One permission. Whoever has `admin` has them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See anybody's profile.
    ViewUsers,
    /// Change and delete anybody.
    ManageUsers,
    /// Delete anybody's published posts and their comments.
    Moderate,
    /// Operate the service: feature flags and the like.
    #[serde(rename = "admin")]
    Administer,
}

impl Permission {
    fn as_str(self) -> &'static str {
        match self {
            Self::ViewUsers => "view_users",
            Self::ManageUsers => "manage_users",
            Self::Moderate => "moderate",
            Self::Administer => "admin",
        }
    }

    /// Whether a list of names, comma between them, holds this permission.
    pub(super) fn is_in(self, granted: &str) -> bool {
        granted
            .split(',')
            .any(|name| name == "admin" || name == self.as_str())
    }
}

/// A right over the user whom the path names: the user's own, and a permission's.
pub trait Right {
    const PERMISSION: Permission;
    const REFUSAL: &'static str;
}

/// To see a profile.
#[derive(Debug)]
pub struct View;

impl Right for View {
    const PERMISSION: Permission = Permission::ViewUsers;
    const REFUSAL: &'static str = "You don't have permission to view this user";
}

/// To change or delete an account.
#[derive(Debug)]
pub struct Manage;

impl Right for Manage {
    const PERMISSION: Permission = Permission::ManageUsers;
    const REFUSAL: &'static str = "You don't have permission to change this user";
}

/// A caller who has the right over the user `{id}` of the path. Whether that user exists is not said to anybody else.
#[derive(Debug)]
pub struct Permitted<R> {
    pub caller: Caller,
    pub user: UserId,
    right: PhantomData<R>,
}

impl<R: Right> FromRequestParts<AppState> for Permitted<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let Key(user) = Key::<UserId>::from_request_parts(parts, state).await?;
        let decided = caller.decided(parts, state, R::PERMISSION, user).await?;
        if !decided.unwrap_or_else(|| caller.id == user || caller.has(R::PERMISSION)) {
            return Err(refused(R::REFUSAL));
        }
        Ok(Self {
            caller,
            user,
            right: PhantomData,
        })
    }
}

/// A caller who may operate the service.
#[derive(Debug)]
pub struct Administrator(pub Caller);

impl FromRequestParts<AppState> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller.has(Permission::Administer) {
            true => Ok(Self(caller)),
            false => Err(refused("You don't have permission to operate this service")),
        }
    }
}

/// Said to somebody who is known and may not.
pub fn refused(message: &'static str) -> ApiError {
    ApiError::refused(StatusCode::FORBIDDEN, "insufficient_permissions", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_may_everything_and_others_what_they_were_given() {
        assert!(Permission::Moderate.is_in("admin"));
        assert!(Permission::Moderate.is_in("view_users,moderate"));
        assert!(!Permission::Moderate.is_in("view_users"));
        assert!(!Permission::Moderate.is_in(""));
        assert!(Permission::Administer.is_in("admin"));
        assert!(!Permission::Administer.is_in("view_users,manage_users,moderate"));
    }
}
