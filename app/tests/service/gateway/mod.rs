//! The local gateway (`infra/gateway/`) before real services.

mod answers;
mod encryption;
mod front;
mod loss;
