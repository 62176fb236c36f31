//! The second version of the interface, a beta: users with a name to show, posts with their author in them. It is there only
//! where `FEATURE_BETA_API_V2` opens it; to everybody else its addresses do not exist. It reads and never writes: what it
//! shows is made by the first version.

mod beta;
mod posts;
mod users;

pub use users::DisplayName;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(users::show))
        .routes(routes!(posts::list))
        .routes(routes!(posts::show))
}
