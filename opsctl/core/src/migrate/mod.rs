//! Schema changes: what a database has, what it lacks, and bringing it there.
//!
//! Owns the migrations, their order and the plan. SQL belongs to [`crate::ports::Schema`].

mod files;
mod folder;
mod inputs;
mod lint;
mod migration;
mod operation;
mod outside;
mod parts;
mod plan;
mod risk;
mod statements;
mod status;
mod steps;

pub use files::{newest, of};
pub use folder::from_folder;
pub use inputs::{MigrateInputs, NewDatabase, Target};
pub use lint::{Finding, Weight, lint};
pub use migration::{Migration, Phase};
pub use operation::Migrate;
pub use plan::{Direction, Observed, plan};
pub use risk::{RiskLevel, Script, StatementRisk, assess, context, gate, tables_of};
pub use statements::{Postcondition, Statement, split};
pub use status::{Drift, SchemaStatus, status};
