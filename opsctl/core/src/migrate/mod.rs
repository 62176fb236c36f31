//! Schema changes: what a database has, what it lacks, and bringing it there.
//!
//! Owns the migrations, their order and the plan. SQL belongs to [`crate::ports::Schema`].

mod files;
mod inputs;
mod migration;
mod operation;
mod plan;
mod statements;
mod status;
mod steps;

pub use files::of;
pub use inputs::{MigrateInputs, NewDatabase, Target};
pub use migration::{Migration, Phase};
pub use operation::Migrate;
pub use plan::{Direction, Observed, plan};
pub use statements::{Postcondition, Statement, split};
pub use status::{Drift, SchemaStatus, status};
