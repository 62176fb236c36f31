//! Lets a client ask again without doing again: `Idempotency-Key` on every write but those that are answered with a secret. The key
//! is taken in the transaction of the effect, and the answer is kept there, so both happened or neither; a second request with
//! the key waits for the first and gets its answer. Never keeps a refusal: what was refused had no effect and may be asked anew.

mod answer;
mod doing;
mod once;
mod rows;

pub use answer::Answer;
pub use doing::Doing;
pub use once::{IdempotencyKey, Once, Write};
pub(crate) use rows::forget_expired;
pub use rows::{answered, reused};
