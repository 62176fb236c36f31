//! What the resources do beyond the contract of reading: change, deletion, search, conditions, repetition.

mod changes;
mod comments;
mod conditions;
mod permissions;
mod posts;
mod repetition;
mod repetition_everywhere;
mod search;
