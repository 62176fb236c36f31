//! The steps of a rotation and of its end.

mod administrator;
mod expire;
mod hand_over;
mod logins;
mod stages;

pub(super) use administrator::Administrator;
pub(super) use expire::Expire;
pub(super) use hand_over::{Follow, Followed, Tell, Told};
pub(super) use logins::{Idle, LogIn, Password, Prepare};
pub(super) use stages::{Drop, Move, Put, Retire};
