//! How a change is made whose answer may be lost: it is looked whether it was done before it is asked for again.

use std::time::Duration;

use opsctl_core::Result;
use opsctl_core::guard::Permit;
use opsctl_core::secrets::SecretKind;

use super::change::Change;
use super::vault::Vault;

/// How often it is asked for.
const ATTEMPTS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Vault {
    /// Makes a change, once. What takes long to be answered was perhaps done: it is never asked for blindly again.
    ///
    /// # Errors
    /// When AWS refuses it, or does not answer for long.
    pub(super) async fn change(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        change: &Change<'_>,
    ) -> Result<()> {
        let (client, name) = (self.changing().await?, self.name(kind));
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            permit.check()?;
            let Err(trouble) = change.send(client, &name).await else {
                break;
            };
            if change.took_place(self.describe(kind).await?.as_ref()) {
                break;
            }
            if !trouble.passes || attempt == ATTEMPTS {
                return Err(trouble.failure);
            }
            // Not all who are turned away together come again together.
            tokio::time::sleep(pause.mul_f64(0.5 + rand::random::<f64>() / 2.0)).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
        Ok(())
    }
}
