//! What only stands there: load balancers, firewalls, networks, what Shield protects. A test or a rehearsal says what there is, in AWS's own
//! shapes, and changes it; actions read it. Makes and changes nothing by an action, and passes no request on.

mod ec2;
mod elastic_load_balancing;
mod estate;
mod pages;
mod shield;
mod standing;
mod terraform;
mod wafv2;

pub(crate) use estate::Estate;
pub use estate::Ground;
pub use terraform::as_terraform_makes_it;
