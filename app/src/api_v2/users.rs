//! `GET /api/v2/users/{id}`.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::beta::Beta;
use crate::auth::{Permission, refused};
use crate::database::{Timestamp, UserId};
use crate::http::{ApiError, AppState, Caching, Conditions, Key};
use crate::users::{User, no_such_user};

/// What a user is called where others read it: never the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = "John Doe")]
pub struct DisplayName(String);

impl DisplayName {
    /// The names that there are; without any, something that is the same each time.
    pub fn of(id: UserId, first: Option<&str>, last: Option<&str>) -> Self {
        let names: Vec<&str> = [first, last]
            .into_iter()
            .flatten()
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        match names.is_empty() {
            false => Self(names.join(" ")),
            true => Self(format!("User {}", &id.to_string()[..8])),
        }
    }
}

/// A user, with a name to show.
#[derive(Serialize, ToSchema)]
#[schema(as = UserV2)]
pub struct UserV2 {
    id: UserId,
    email: String,
    display_name: DisplayName,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<User> for UserV2 {
    fn from(user: User) -> Self {
        let display_name = DisplayName::of(
            user.id,
            user.first_name.as_deref(),
            user.last_name.as_deref(),
        );
        Self {
            id: user.id,
            email: user.email,
            display_name,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// See a profile (beta)
///
/// With one name to show in place of two that may be missing. 404 wherever `FEATURE_BETA_API_V2` is closed.
#[utoipa::path(get, path = "/api/v2/users/{id}", tag = "beta", security(("bearer" = [])),
    params(("id" = UserId, Path), ("if-none-match" = Option<String>, Header)),
    responses((status = 200, body = UserV2), (status = 304, description = "The client has it")))]
pub async fn show(
    State(state): State<AppState>,
    Beta(caller): Beta,
    Key(id): Key<UserId>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    if caller.id != id && !caller.has(Permission::ViewUsers) {
        return Err(refused("You don't have permission to view this user"));
    }
    let user = User::find(&state.database.read()?, id).await?;
    let user = user.ok_or_else(|| no_such_user(id))?;
    conditions.answer(&UserV2::from(user), Caching::FiveMinutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_what_there_is() {
        let id = UserId(uuid::Uuid::from_u128(7));
        let name = |first, last| DisplayName::of(id, first, last).0;
        assert_eq!(name(Some("John"), Some("Doe")), "John Doe");
        assert_eq!(name(None, Some(" Doe ")), "Doe");
        assert_eq!(name(Some(" "), None), "User 00000000");
    }
}
