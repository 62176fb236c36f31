//! Operations killed at random: how many seeds, and from which one.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use crate::terminal::say;

/// Releases that are killed at every boundary, and very many objects, on a real cluster: what cargo is told.
pub const ON_A_CLUSTER: [&str; 9] = [
    "test",
    "--locked",
    "--package",
    "opsctl",
    "--features=endurance",
    "--test",
    "releases",
    "--",
    "on_the_node::endurance",
];

/// Which seeds the part `endurance` runs.
#[derive(Debug, Args)]
pub struct Seeds {
    /// How many seeds the part `endurance` runs
    #[arg(long, value_name = "NUMBER", default_value_t = 500)]
    seeds: u64,
    /// The first of them, to see a fault again [default: by the clock, printed]
    #[arg(long, value_name = "SEED")]
    first_seed: Option<u64>,
}

impl Seeds {
    /// What cargo is told to run; says the seeds, so that a fault can be seen again.
    pub fn arguments(&self) -> Vec<String> {
        let first = self.first_seed.unwrap_or_else(by_the_clock);
        let seeds = self.seeds;
        say(&format!(
            "again: cargo xtask test endurance --seeds {seeds} --first-seed {first}"
        ));
        let target = ["--package", "opsctl-simulation", "--example", "endurance"];
        let fixed = target.into_iter().chain(["--locked", "--"]);
        let numbers = [seeds.to_string(), first.to_string()];
        fixed.map(str::to_owned).chain(numbers).collect()
    }
}

/// Another one every second.
fn by_the_clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_that_were_asked_for_are_run() {
        let seeds = Seeds {
            seeds: 7,
            first_seed: Some(40),
        };
        let arguments = seeds.arguments();
        assert_eq!(arguments[arguments.len() - 3..], ["--", "7", "40"]);
    }
}
