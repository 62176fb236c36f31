//! The names of the steps; plan and steps share them.

use crate::names::StepName;

pub const SETTLE: &str = "settle";
pub const PIN: &str = "pin";
pub const LOCATE: &str = "locate";
pub const FETCH: &str = "fetch";
pub const START: &str = "start";
pub const VERIFY: &str = "verify";
pub const FREEZE: &str = "freeze";
pub const FENCE: &str = "fence";
pub const ACCOUNT: &str = "account";
pub const VERIFY_AGAIN: &str = "verify-again";
pub const PROMOTE: &str = "promote";
pub const SWITCH: &str = "switch";
pub const SET_ASIDE: &str = "set-aside";
pub const PROVE: &str = "prove";
pub const OPEN: &str = "open";
pub const UNFREEZE: &str = "unfreeze";
pub const DEMOTE: &str = "demote";
pub const UNFENCE: &str = "unfence";
pub const THAW: &str = "thaw";
pub const DISCARD: &str = "discard";
pub const REMOVE: &str = "remove-database";
pub const FORGET: &str = "forget";
pub const UNPIN: &str = "unpin";

/// The step of that name.
pub fn step(name: &'static str) -> StepName {
    StepName::new(name).expect("the names of steps are fixed in spelling")
}
