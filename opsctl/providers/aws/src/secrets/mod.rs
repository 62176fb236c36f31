//! The secrets of an environment in Secrets Manager: versions and stages, who uses which, and the database that the application is
//! told of by one of them.
//!
//! Pods read them with their own role, so nothing is handed over. Never decides when one is rotated, never prints one.

mod abroad;
mod administrator;
mod admission;
mod application;
mod change;
mod delivery;
mod document;
mod login;
mod place;
mod pods;
mod pointer;
mod repeat;
mod store;
mod vault;

pub use abroad::AbroadSecrets;
pub use administrator::RdsAdministrator;
pub use application::PodApplication;
pub use delivery::{AwsDelivery, Hold};
pub use login::ByWayIn;
pub use pods::{AwsPods, Whereabouts};
pub use pointer::SecretPointer;
pub use store::AwsSecrets;
pub use vault::Vault;
