//! The description of the service, OpenAPI 3.1. Each handler describes itself; what all have in common, the error body and the
//! token, is added here once. Never describes health: that is for the platform, not for clients.

use axum::Json;
use axum::Router;
use axum::routing::get;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Info, OpenApi, PathItem, Ref, RefOr, ResponseBuilder, Schema};

/// The description before any route has joined it.
pub fn beginning() -> OpenApi {
    let mut document = OpenApi::default();
    document.info = Info::new("app", env!("CARGO_PKG_VERSION"));
    document.info.description = Some(
        "Users, posts and comments. Every error has the body of `Problem`; its `error` is stable, its \
         `message` is for people."
            .into(),
    );
    document
}

/// Adds what every route has in common.
pub fn finish(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    components.schemas.insert(
        "Problem".into(),
        <super::Problem as utoipa::PartialSchema>::schema(),
    );
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    components
        .security_schemes
        .insert("bearer".into(), RefOr::T(SecurityScheme::Http(bearer)));
    let problem = ResponseBuilder::new()
        .description("Why the request was not answered as asked")
        .content(
            "application/json",
            Content::new(Some(Ref::from_schema_name("Problem"))),
        )
        .build();
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            let responses = &mut operation.responses.responses;
            responses.insert("default".into(), RefOr::T(problem.clone()));
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut utoipa::openapi::path::Operation> {
    [
        &mut item.get,
        &mut item.post,
        &mut item.put,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

/// Where clients find it.
pub fn route<S: Clone + Send + Sync + 'static>(document: OpenApi) -> Router<S> {
    Router::new().route("/openapi.json", get(move || async move { Json(document) }))
}

/// Text of a known format.
pub fn text_schema(format: &str) -> RefOr<Schema> {
    let format = match format {
        "date-time" => SchemaFormat::KnownFormat(KnownFormat::DateTime),
        other => SchemaFormat::Custom(other.into()),
    };
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(format))
        .into()
}
