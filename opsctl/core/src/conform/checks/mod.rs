//! The kinds of checks of the repository: a closed list, a file each.

mod alert;
mod check;
mod document;
mod judged;
mod live;
mod manifest;
mod promise;
mod spoilt;
mod terraform;
mod test;
mod text;
mod variable;
mod written;

pub use check::Check;
pub(super) use judged::judged;
pub use live::{
    Known, LiveCheck, LiveLook, OfAws, OfCluster, OfDatabase, OfEvidence, OfHttp, OfTls,
};
pub(super) use spoilt::Spoilt;

use check::Looks;
