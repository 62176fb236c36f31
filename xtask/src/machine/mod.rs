//! The machine under our feet: other programs, the environment, what is installed.

pub mod child;
pub mod kubectl;
pub mod packages;
pub mod postgres;
pub mod python;
pub mod settings;
