//! The unchanged SDK for Rust against the stand-in.

mod conformance;
mod ecr;
mod eks;
mod elasticache;
mod faults;
mod ground;
mod http;
mod identity;
mod kms;
mod rds;
mod rehearsal;
mod route53;
mod secrets;
mod stage;
