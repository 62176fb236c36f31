//! The local gateway (`infra/gateway/`) before real services.

mod answers;
mod front;
mod loss;
