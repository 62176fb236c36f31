//! Pages by key: a page goes on behind the last row of the one before, so that it costs the same however deep it is and rows
//! that come in between neither repeat nor hide others. The cursor is opaque to clients.

use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ApiError;
use crate::database::Timestamp;

const DEFAULT_LIMIT: u16 = 20;
const MAXIMUM_LIMIT: u16 = 100;

/// The place of a row in the order of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub created_at: Timestamp,
    pub id: Uuid,
}

impl Cursor {
    fn encode(self) -> String {
        format!(
            "{:016x}{}",
            self.created_at.microseconds(),
            self.id.simple()
        )
    }

    fn decode(text: &str) -> Option<Self> {
        let (time, id) = text.split_at_checked(16)?;
        let microseconds = i64::from_str_radix(time, 16).ok()?;
        let id = (id.len() == 32).then(|| Uuid::try_parse(id).ok())??;
        Some(Self {
            created_at: Timestamp::from_microseconds(microseconds)?,
            id,
        })
    }
}

/// `?limit=&cursor=`.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    limit: u16,
    pub after: Option<Cursor>,
}

#[derive(Deserialize)]
struct Parameters {
    limit: Option<String>,
    cursor: Option<String>,
}

impl PageRequest {
    /// One row more than the page holds, which tells whether there is another page.
    pub fn rows_to_read(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    fn parse(parameters: Parameters) -> Result<Self, ApiError> {
        let refuse =
            |message: String| ApiError::refused(StatusCode::BAD_REQUEST, "invalid_page", message);
        let limit = match parameters.limit {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAXIMUM_LIMIT).contains(limit))
                .ok_or_else(|| {
                    refuse(format!("limit must be a number from 1 to {MAXIMUM_LIMIT}"))
                })?,
        };
        let after = match parameters.cursor {
            None => None,
            Some(text) => Some(
                Cursor::decode(&text)
                    .ok_or_else(|| refuse("cursor is not one that this service gave".into()))?,
            ),
        };
        Ok(Self { limit, after })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(parameters) = Query::from_request_parts(parts, state).await.map_err(|_| {
            ApiError::refused(
                StatusCode::BAD_REQUEST,
                "invalid_query",
                "The query cannot be read",
            )
        })?;
        Self::parse(parameters)
    }
}

/// Some rows, and where the next ones begin.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Cuts off the one row too many.
    pub fn new(mut items: Vec<T>, request: PageRequest, place: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::from(request.limit);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items
            .last()
            .filter(|_| more)
            .map(|last| place(last).encode());
        Self { items, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_journey() {
        let created_at = Timestamp::from_microseconds(1_705_314_600_123_456).unwrap();
        let cursor = Cursor {
            created_at,
            id: Uuid::from_u128(7),
        };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
    }

    #[test]
    fn anything_else_is_no_cursor() {
        let long = "7".repeat(48);
        for text in [
            "",
            "0",
            "zz",
            &"é".repeat(24),
            &"g".repeat(48),
            &long[..47],
            &long,
        ] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }
}
