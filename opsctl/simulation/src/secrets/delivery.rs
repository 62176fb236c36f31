//! The simulated hand-over: processes read it one after the other, and one that hangs never does.

use std::time::Duration;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Follower, Mark, SecretDelivery};
use opsctl_core::secrets::SecretKind;

use super::SimulatedSecrets;
use super::state::Process;

#[async_trait]
impl SecretDelivery for SimulatedSecrets {
    async fn ready(&self, _: SecretKind) -> Result<()> {
        Ok(())
    }

    async fn told(&self, kind: SecretKind) -> Result<Option<Mark>> {
        let state = self.state();
        let wanted = state.wanted(kind);
        let told = state.told.get(&kind);
        let same = told.filter(|told| (&told.current, &told.read) == (&wanted.0, &wanted.1));
        Ok(same.map(|told| Mark(told.mark.to_string())))
    }

    async fn tell(&self, permit: &Permit<'_>, kind: SecretKind) -> Result<Mark> {
        self.change(permit, |state| Ok(Mark(state.hand_over(kind).to_string())))
    }

    async fn followers(&self, kind: SecretKind, mark: &Mark) -> Result<Vec<Follower>> {
        let mut state = self.state();
        state.obey();
        let wanted: u64 = mark.0.parse().unwrap_or(u64::MAX);
        let follower = |process: &Process| {
            let at = process.has.get(&kind).map_or(0, |handed| handed.mark);
            Follower {
                name: process.name.clone(),
                follows: at >= wanted,
                says: format!("uses {at} of {wanted}"),
            }
        };
        Ok(state.processes.iter().map(follower).collect())
    }

    async fn token_lifetime(&self) -> Result<Option<Duration>> {
        Ok(Some(Duration::from_secs(1800)))
    }
}
