//! Owns what runs with nobody watching: which tasks there are, when, with which margin within their promises, and the CronJobs that
//! run them. Pure: applies nothing, and runs nothing.

mod cron;
mod margin;
mod objects;
mod render;
mod surroundings;
mod task;

pub use cron::Cron;
pub use margin::{Margin, allowed, in_words};
pub use render::{LeftOut, Rendered, Request, Scheduled, render};
pub use task::Task;
