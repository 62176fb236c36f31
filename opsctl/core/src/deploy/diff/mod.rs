//! The difference between two forms of an object, field by field, and who changed a field.
//!
//! Owns what counts as a difference, how elements of lists are told apart, and the masking of secrets. Never asks the API
//! server and never renders: the terminal's part is the command's.

mod change;
mod compare;
mod drift;
mod lines;
mod noise;
mod owners;
mod path;
mod quantity;
#[cfg(test)]
mod tests;

pub use change::{FieldChange, FieldOwner, Shown, changes};
pub use drift::drift;
pub use lines::{LineChange, LineKind};
pub use owners::{Fields, applied_fields};
pub use path::{FieldPath, Segment};
pub use quantity::same_quantity;
