//! The machine under our feet: other programs, the environment, what is installed.

pub mod aws_schema;
pub mod child;
mod golang;
pub mod helm;
pub mod kubectl;
pub mod lab;
pub mod minio;
pub mod packages;
pub mod postgres;
pub mod prometheus;
pub mod python;
pub mod settings;
pub mod terraform;
pub mod traces;
