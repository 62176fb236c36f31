//! Who may change what: environments, approvals, locks and the permit that carries all of it.
//!
//! Owns every check that stands between a plan and its first change. Only this room mints an
//! [`Approval`], and without one there is no [`Permit`].

mod approval;
mod confirm;
mod lease;
mod leases;
mod lock;
mod permit;
mod principal;
mod renewal;

pub use approval::{Approval, ApprovalRecord, approvals_of, record_approval};
pub use confirm::{Answer, Confirmation, Question, Rules, approve};
pub use lease::{Lease, LeaseTerms};
pub use leases::Leases;
pub use lock::{Holder, LockRecord, LockStatus, force_release, lock_status};
pub use permit::Permit;
pub use principal::Principal;
