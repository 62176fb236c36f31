//! EKS: which clusters there are, where their API servers listen and whom to trust there; and who a token for one of them is.
//!
//! Makes no cluster: a test or a rehearsal says which API server stands for one.

mod front;
mod token;

pub(crate) use front::ROUTES;
pub use front::{Cluster, Eks};
pub use token::Identity;
pub(crate) use token::verify;
