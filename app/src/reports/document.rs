//! The document of a report, for somebody who was let in: an administrator with a token, or the user of a link out of a mail.

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::link::{Link, Signed};
use super::queries;
use crate::database::{ReportId, Timestamp};
use crate::http::{ApiError, AppState, Key};
use crate::storage::{self, Way};

/// It, or where it is.
pub(super) async fn of(state: &AppState, id: ReportId) -> Result<Response, ApiError> {
    let row = queries::find(&state.database.read()?, id).await?;
    let row = row.ok_or_else(|| no_such_report(id))?;
    let storage = state.storage.as_ref().ok_or_else(|| no_such_report(id))?;
    let key = storage::Key::of_report(row.day);
    let mut response = match storage.way_to(&key).await? {
        Way::Here(document) => document.into_response(),
        Way::There(url) => return Ok(elsewhere(&url)),
    };
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static(key.content_type());
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    if let Ok(name) = HeaderValue::from_str(&key.disposition()) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// The address opens the document for whoever has it: nobody keeps it.
fn elsewhere(url: &str) -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (no_store, Redirect::to(url)).into_response()
}

fn no_such_report(id: ReportId) -> ApiError {
    let message = format!("Report with id {id} does not exist");
    ApiError::refused(StatusCode::NOT_FOUND, "report_not_found", message)
}

/// Open a daily report from a mail
///
/// A browser that opens a mail has no token: the link is signed for one user and one report, holds for a week, and opens nothing
/// any more once its user is told of reports no longer or may not have them.
#[utoipa::path(get, path = "/api/reports/{id}/mailed", tag = "admin",
    params(("id" = ReportId, Path), Signed),
    responses((status = 200, description = "The document", content_type = "application/pdf"),
        (status = 303, description = "Where it is")))]
pub(super) async fn mailed(
    State(state): State<AppState>,
    Key(report): Key<ReportId>,
    query: Result<Query<Signed>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(signed) = query.map_err(|_| holds_no_more())?;
    let link = Link {
        report,
        user: signed.user.parse().map_err(|_| holds_no_more())?,
        until: signed.until,
    };
    // The signature first: who made the link up learns nothing else.
    if !link.holds(&signed.signature, &state.secrets.now(), Timestamp::now()) {
        return Err(holds_no_more());
    }
    let reader = state.database.read()?;
    let valid_after = state
        .database
        .identity()
        .and_then(|own| own.sessions_valid_after);
    let revoked = valid_after.is_some_and(|after| link.made() < after.seconds_rounded_up());
    if revoked || !queries::is_told(&reader, link.user).await? {
        return Err(holds_no_more());
    }
    crate::http::record_user(link.user);
    of(&state, report).await
}

fn holds_no_more() -> ApiError {
    ApiError::refused(
        StatusCode::FORBIDDEN,
        "link_invalid",
        "This link does not hold, or holds no more",
    )
}
