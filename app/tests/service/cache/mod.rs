//! Copies of users and posts: that they are used, and that none outlives a change.

mod copies;
mod races;
mod runbook;
mod shared;
mod shared_faults;
