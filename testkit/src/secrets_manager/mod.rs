//! An endpoint that speaks as much of AWS Secrets Manager as a reader and a rotation need, strictly: who does not sign, names no
//! secret or asks for a stage that nothing has, is refused as AWS refuses. Keeps nothing beyond the test.

mod endpoint;
mod held;

pub use endpoint::SecretsManager;
