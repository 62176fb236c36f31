//! The protocol by which one database takes another's place; `restore --cut-over` and `restore undo` share it.
//!
//! freeze writes → fence the old, proven by a refused write → count what only the old one holds → promote
//! the new → switch the descriptor → set the old one aside → prove that every process is on the new
//! lineage → open for writes. Until the switch every step has a way back; from it on there is only forward.

mod account;
mod acknowledge;
mod aside;
mod back;
mod fence;
mod mode;
mod prove;
mod side;
mod switch;

pub use account::{Account, Beyond};
pub use acknowledge::{Wanted, all as everybody};
pub use aside::{SetOldAside, due};
pub use back::{Thaw, Unfence};
pub use fence::{Fence, prove_fence};
pub use mode::{Freeze, Unfreeze};
pub use prove::Prove;
pub use side::{Crossing, Promoted, SharedCrossing, frozen_by};
pub use switch::{Switch, Switched};
