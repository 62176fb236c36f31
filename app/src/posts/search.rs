//! `GET /api/posts/search`: published posts that hold every word, the best first; a word in the title counts more. Words are
//! letters and digits, the same for both engines, so no text is ever a query language. PostgreSQL takes some names for one word,
//! such as `node.js`: there what was typed is looked for as it reads it, too. A rank is a figure of its engine: it orders, and
//! compares with nothing else.

use axum::Json;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Post;
use crate::auth::Caller;
use crate::database::{EngineAccess, PostId, Reader};
use crate::http::{ApiError, AppState, LastSeen, Page, PageParameters, PageRequest, Rank};

/// More words narrow a search no further than anybody reads.
const MOST_WORDS: usize = 32;

const SQLITE: &str = "SELECT * FROM ( \
    SELECT p.id, p.user_id, p.title, p.content, p.published, p.created_at, p.updated_at, \
        -bm25(posts_search, 4.0, 1.0) AS rank \
    FROM posts_search JOIN posts p ON p.rowid = posts_search.rowid \
    WHERE posts_search MATCH $1 AND p.published = TRUE) AS found \
    WHERE $2 IS NULL OR (rank, id) < ($2, $3) ORDER BY rank DESC, id DESC LIMIT $4";
const POSTGRES: &str = "SELECT * FROM ( \
    SELECT p.id, p.user_id, p.title, p.content, p.published, p.created_at, p.updated_at, \
        ts_rank(p.search_document, asked.query)::float8 AS rank \
    FROM posts p, (SELECT CASE $1 WHEN $5 THEN plainto_tsquery('simple', $1) \
        ELSE plainto_tsquery('simple', $1) || plainto_tsquery('simple', $5) END) AS asked (query) \
    WHERE p.search_document @@ asked.query AND p.published) AS found \
    WHERE $2::float8 IS NULL OR (rank, id) < ($2, $3) ORDER BY rank DESC, id DESC LIMIT $4";

/// A post, and how well it was found.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct Found {
    #[sqlx(flatten)]
    #[serde(flatten)]
    post: Post,
    rank: f64,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// Words that all must be there.
    q: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Search {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = Query::from_request_parts(parts, state).await;
        read.map(|Query(search)| search)
            .map_err(|_| invalid("The query cannot be read".into()))
    }
}

fn invalid(message: String) -> ApiError {
    ApiError::refused(StatusCode::BAD_REQUEST, "invalid_query", message)
}

/// Search published posts
#[utoipa::path(get, path = "/api/posts/search", tag = "posts", security(("bearer" = [])),
    params(Search, PageParameters), responses((status = 200, body = Page<Found>)))]
pub async fn search(
    State(state): State<AppState>,
    _caller: Caller,
    search: Search,
    LastSeen(seen): LastSeen,
    page: PageRequest<Rank>,
) -> Result<Json<Page<Found>>, ApiError> {
    let typed = search.q.unwrap_or_default();
    let words = words(&typed);
    if words.is_empty() || words.len() > MOST_WORDS {
        return Err(invalid(format!("q must hold 1 to {MOST_WORDS} words")));
    }
    let sought = Sought {
        typed: &typed,
        words: &words,
    };
    let found = find(&state.database.read_after(seen)?, sought, page).await?;
    Ok(Json(Page::new(found, page, |found| Rank {
        rank: found.rank,
        id: found.post.id.0,
    })))
}

/// What was typed, and the words in it.
#[derive(Clone, Copy)]
struct Sought<'a> {
    typed: &'a str,
    words: &'a [&'a str],
}

impl Sought<'_> {
    /// For PostgreSQL, which knows no NUL: with the words alone between blanks where that is all there is.
    fn text(self) -> String {
        let parts: Vec<&str> = self
            .typed
            .split(|letter: char| letter.is_whitespace() || letter == '\0')
            .filter(|part| !part.is_empty())
            .collect();
        parts.join(" ")
    }
}

async fn find(
    reader: &Reader,
    sought: Sought<'_>,
    page: PageRequest<Rank>,
) -> Result<Vec<Found>, sqlx::Error> {
    let (rank, id) = page
        .after
        .map(|after| (after.rank, PostId(after.id)))
        .unzip();
    match reader.engine() {
        EngineAccess::Sqlite(pool) => {
            // In quotes a word is a word, even where it reads like an operator.
            let quoted: Vec<String> = sought
                .words
                .iter()
                .map(|word| format!("\"{word}\""))
                .collect();
            let query = sqlx::query_as(SQLITE).bind(quoted.join(" "));
            let query = query.bind(rank).bind(id).bind(page.rows_to_read());
            query.fetch_all(pool).await
        }
        EngineAccess::Postgres(pool) => {
            let query = sqlx::query_as(POSTGRES).bind(sought.words.join(" "));
            let query = query.bind(rank).bind(id).bind(page.rows_to_read());
            query.bind(sought.text()).fetch_all(pool).await
        }
    }
}

/// A letter may stand in parts: its accent after it is no end of the word.
fn words(text: &str) -> Vec<&str> {
    let accent = |letter: char| ('\u{300}'..='\u{36f}').contains(&letter);
    text.split(|letter: char| !letter.is_alphanumeric() && !accent(letter))
        .filter(|word| word.contains(char::is_alphanumeric))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accent_that_stands_alone_parts_no_word() {
        assert_eq!(words("cafe\u{301}s 1"), ["cafe\u{301}s", "1"]);
    }

    #[test]
    fn operators_and_punctuation_are_no_words() {
        assert_eq!(
            words("a\" OR title:b* -(é)"),
            ["a", "OR", "title", "b", "é"]
        );
        assert!(words("\0 '); -- ! \u{301}").is_empty());
    }
}
