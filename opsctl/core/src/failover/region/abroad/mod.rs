//! The workloads of a lost region, brought up in the other: the release that the environment runs, in a namespace that the drill makes and
//! ends, on the restored copy, until a user of it is answered. No record and no route of those who are served is touched.

mod admit;
mod clear;
mod deploy;
mod inputs;
mod leftovers;
mod look;
mod manifests;
mod namespace;
mod switch;
mod visit;

pub(super) use admit::{Admit, Dismiss};
pub(super) use clear::Clear;
pub(super) use deploy::{Deploy, Deployed};
pub use inputs::WorkloadInputs;
pub use leftovers::{Leftover, expired, reap};
pub use look::{Found, look, workloads};
pub use manifests::{Rendered, inputs};
pub(super) use switch::{Switch, Switched};
pub(super) use visit::{Visit, Visited};
