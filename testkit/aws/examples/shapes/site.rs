//! Where is asked, and as whom.

/// An endpoint that takes any keys.
pub struct Site {
    pub url: String,
}

pub const HOME: &str = "eu-central-1";
pub const ABROAD: &str = "eu-west-1";

/// A client of a service in a region, which asks every question once.
macro_rules! client {
    ($sdk:ident, $site:expr, $region:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new($region))
                .endpoint_url(&$site.url)
                .credentials_provider($sdk::config::Credentials::new(
                    "AKIAOFTHETESTS",
                    "of-the-tests",
                    None,
                    None,
                    "shapes",
                ))
                .retry_config($sdk::config::retry::RetryConfig::disabled())
                .build(),
        )
    };
}
pub(crate) use client;
