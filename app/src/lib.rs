//! The API service. One folder a resource (users, posts, comments) or capability; a new resource is a new folder with its
//! routes, model and queries, and one line in `http::router`. It never changes the schema: that is opsctl's.

pub mod activity;
pub mod api_v2;
pub mod audit;
pub mod auth;
pub mod cache;
pub mod clock;
pub mod comments;
pub mod config;
pub mod database;
pub mod email;
pub mod events;
pub mod figures;
pub mod flags;
pub mod health;
pub mod http;
pub mod idempotency;
pub mod jobs;
pub mod outward;
pub mod pages;
pub mod payments;
pub mod posts;
pub mod rate_limit;
pub mod redis;
pub mod reports;
pub mod secrets;
pub mod server;
pub mod storage;
pub mod telemetry;
pub mod users;

pub use server::process::run;
