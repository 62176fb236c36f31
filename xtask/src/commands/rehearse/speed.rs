//! How long AWS takes.

use std::time::Duration;

use clap::ValueEnum;
use testkit_aws::{Aws, elasticache::ElastiCacheDelays, rds::Delays};

/// Long enough to be seen.
const A_MOMENT: Duration = Duration::from_secs(2);
/// What the guide says of changed records.
const ROUND: Duration = Duration::from_secs(60);

/// How long states last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Speed {
    /// Two seconds for each state: to learn the commands
    Quick,
    /// As long as reported of AWS: to learn patience
    AsOnAws,
}

impl Speed {
    /// From now on states last so long.
    pub fn set(self, aws: &Aws) {
        let (rds, cache, names) = match self {
            Self::Quick => (
                Delays::all(A_MOMENT),
                ElastiCacheDelays::all(A_MOMENT),
                A_MOMENT,
            ),
            Self::AsOnAws => (Delays::as_on_aws(), ElastiCacheDelays::as_on_aws(), ROUND),
        };
        aws.rds().set_delays(rds);
        aws.elasticache().set_delays(cache);
        aws.route53().set_going_round(names);
    }

    /// In words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Quick => "each state of it lasts two seconds",
            Self::AsOnAws => "and takes its time as AWS does",
        }
    }
}
