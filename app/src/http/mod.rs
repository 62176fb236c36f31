//! Owns what every request has in common: the error body, the reading of bodies and paths, pages, request ids, the request's
//! log line, the order of the middleware. Knows no resource but for the list of their routes.

mod all_failing;
mod around;
mod body;
mod browsers;
mod conditional;
mod consistency;
mod detach;
mod encoded;
mod error;
mod explain;
mod fallback;
pub mod openapi;
mod page;
mod path;
mod patience;
mod request_id;
mod request_log;
mod router;
mod security_headers;
mod shedding;
mod state;
mod within;

pub use body::{Body, Invalid, parse_body, text, unread_body};
pub use conditional::{Caching, Conditions};
pub use consistency::{CONSISTENCY_TOKEN, LastSeen};
pub use encoded::Encoded;
pub use error::{ApiError, Problem};
pub use fallback::no_such_route;
pub use page::{Cursor, Page, PageParameters, PageRequest, Rank};
pub use path::Key;
pub use request_id::RequestId;
pub use request_log::record_user;
pub use router::{of_auth, of_worker, router};
pub use shedding::SHED;
pub use state::{AppState, Parts};
