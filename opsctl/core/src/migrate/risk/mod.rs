//! What a statement would do to a live table, in words.
//!
//! Owns the judgement, all of it pure. It asks nothing itself ([`crate::ports::Schema::facts`] does) and
//! knows no rules of style: those are [`super::lint`]'s.

mod assess;
mod gate;
mod impact;
mod lexer;
mod words;

pub use assess::{RiskLevel, Script, StatementRisk, assess, tables_of};
pub use gate::{context, gate};
pub(super) use lexer::{pieces, words};
