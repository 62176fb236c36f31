//! Lets a client ask again without doing again: `Idempotency-Key` on what creates. The key is taken in the transaction of the
//! effect, and the answer is kept there, so both happened or neither; a second request with the key waits for the first and
//! gets its answer. Never keeps a refusal: what was refused had no effect and may be asked anew.

mod kept;
mod key;

pub use kept::{Answer, Taken};
pub use key::IdempotencyKey;
