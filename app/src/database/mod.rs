//! Owns the connection to the database: which one it is, whether it may be used, when it may be written to. Resources bring
//! their own SQL and get at it through a `Reader` or a `Writer`. Never changes the schema and never says what a database is:
//! both are opsctl's.

mod connect;
mod day;
pub mod descriptor;
mod doubt;
mod engine;
mod error;
mod fallback;
mod gate;
mod hands;
pub mod heartbeat;
mod identity;
mod ids;
mod live;
mod postgres_pool;
pub mod presence;
mod replica;
mod routing;
mod schema;
mod session;
mod timestamp;
mod warm;
pub mod watch;
mod work;

pub use connect::{Access, ConnectOptions};
pub use day::Day;
pub(crate) use engine::each_engine;
pub use engine::{EngineAccess, Pools};
pub use error::{DatabaseError, Unavailable};
pub use gate::Mode;
pub use hands::{Reader, Writer};
pub use identity::{DatabaseRole, Effects, Identity};
pub use ids::{
    CommentId, DeliveryId, EntityId, EntryId, EventId, JobId, LeaseId, MalformedId, PostId,
    ReportId, SessionId, UserId,
};
pub use live::Database;
pub use postgres_pool::PostgresPool;
pub use replica::Replica;
pub use routing::Seen;
pub use schema::APP_SCHEMA;
pub use session::Session;
pub use timestamp::Timestamp;
pub(crate) use work::in_work;
pub use work::{Actor, Work, WorkConnection};
