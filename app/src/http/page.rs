//! Pages by key: a page goes on behind the last row of the one before, so that it costs the same however deep it is and rows
//! that come in between neither repeat nor hide others. The cursor is opaque to clients.

use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ApiError;
use crate::database::Timestamp;

const DEFAULT_LIMIT: u16 = 20;
const MAXIMUM_LIMIT: u16 = 100;

/// The place of a row in the order of a list: what a page goes on behind.
pub trait Place: Sized {
    /// Which order it is a place in; a cursor of one is none of another.
    const ORDER: &'static str;
    /// 64 bits that order, then the key that parts equals.
    fn parts(&self) -> (u64, Uuid);
    fn from_parts(order: u64, id: Uuid) -> Option<Self>;

    fn encode(&self) -> String {
        let (order, id) = self.parts();
        let place = format!("{order:016x}{}", id.simple());
        let check = check(Self::ORDER, &place);
        place + &check
    }

    /// None for anything that this service did not give.
    fn decode(text: &str) -> Option<Self> {
        let (place, given) = text.split_at_checked(48)?;
        if given != check(Self::ORDER, place) {
            return None;
        }
        let (order, id) = place.split_at_checked(16)?;
        let order = u64::from_str_radix(order, 16).ok()?;
        Self::from_parts(order, Uuid::try_parse(id).ok()?)
    }
}

/// Finds changes, not forgers: a forged place shows nothing that the caller may not see.
fn check(order: &str, place: &str) -> String {
    let digest = Sha256::digest(format!("{order} {place}"));
    digest[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The place of a row in the order of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub created_at: Timestamp,
    pub id: Uuid,
}

impl Place for Cursor {
    const ORDER: &'static str = "created";

    fn parts(&self) -> (u64, Uuid) {
        (self.created_at.microseconds().cast_unsigned(), self.id)
    }

    fn from_parts(order: u64, id: Uuid) -> Option<Self> {
        let created_at = Timestamp::from_microseconds(order.cast_signed())?;
        Some(Self { created_at, id })
    }
}

/// The place of a row in the order of how well it was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rank {
    pub rank: f64,
    pub id: Uuid,
}

impl Place for Rank {
    const ORDER: &'static str = "rank";

    fn parts(&self) -> (u64, Uuid) {
        (self.rank.to_bits(), self.id)
    }

    fn from_parts(order: u64, id: Uuid) -> Option<Self> {
        let rank = Some(f64::from_bits(order)).filter(|rank| rank.is_finite())?;
        Some(Self { rank, id })
    }
}

/// `?limit=&cursor=`.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest<P = Cursor> {
    limit: u16,
    pub after: Option<P>,
}

/// As the query has them.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// Rows on a page, 1 to 100; 20 when left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl<P: Place> PageRequest<P> {
    /// One row more than the page holds, which tells whether there is another page.
    pub fn rows_to_read(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    fn parse(parameters: PageParameters) -> Result<Self, ApiError> {
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
                P::decode(&text)
                    .ok_or_else(|| refuse("cursor is not one that this service gave".into()))?,
            ),
        };
        Ok(Self { limit, after })
    }
}

impl<P: Place, S: Send + Sync> FromRequestParts<S> for PageRequest<P> {
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
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Cuts off the one row too many.
    pub fn new<P: Place>(
        mut items: Vec<T>,
        request: PageRequest<P>,
        place: impl Fn(&T) -> P,
    ) -> Self {
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
        let long = "7".repeat(56);
        for text in [
            "",
            "0",
            "zz",
            &"é".repeat(24),
            &"g".repeat(48),
            &long[..48],
            &long,
        ] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }

    #[test]
    fn a_cursor_that_was_changed_or_belongs_to_another_order_is_none() {
        let rank = Rank {
            rank: 0.5,
            id: Uuid::from_u128(7),
        };
        let text = rank.encode();
        assert_eq!(Rank::decode(&text), Some(rank));
        assert_eq!(Cursor::decode(&text), None);
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            assert_eq!(Rank::decode(&String::from_utf8_lossy(&changed)), None);
        }
    }
}
