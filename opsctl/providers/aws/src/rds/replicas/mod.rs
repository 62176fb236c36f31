//! Replicas that a drill makes of the instance that serves: RDS copies it and lets the copy follow by streaming, until it is promoted and is
//! a copy like any restored one. What it was before lies in its tags alone.

mod follow;
mod open;
mod port;
mod state;

pub use port::RdsReplicas;
