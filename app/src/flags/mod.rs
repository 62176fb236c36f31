//! Feature flags: rows of the database, kept in memory and read anew every minute; a `FEATURE_*` variable of the environment
//! wins over its row, and says so wherever flags are shown. Never asks the database while a request waits, and never decides
//! what a flag opens: whoever built that asks here.

mod change;
mod known;
mod model;
mod name;
mod queries;
mod routes;

pub use known::{Flags, follow, read};
pub use model::{Flag, Share, Source, Standing};
pub use name::{BETA_API_V2, FlagName, NEW_DASHBOARD};
pub use routes::routes;
