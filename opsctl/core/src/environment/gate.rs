//! When a roll-out goes on: what the new pods may do worse than the old ones.

use super::Span;

/// What happens when the measurements can't be had, or say too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnavailable {
    /// The roll-out goes on; it is said, and kept with the release.
    #[default]
    Warn,
    /// The roll-out stands still and the operation stays open, for a person to look at.
    Hold,
}

/// Where pods tell what they measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// In the clear.
    #[default]
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// As it is written in an address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The gate of an environment's roll-outs.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GateSettings {
    /// So long the first new pods are measured beside the old ones, and all new pods at the end.
    pub window: Span,
    /// Fewer answers than that, on either side, prove nothing.
    pub min_requests: u32,
    /// The share of answers with a 5xx may be so much larger than that of the old pods: `0.01` is one in a hundred.
    pub error_rate: f64,
    /// The 95th percentile of the answering times may be so many times that of the old pods.
    pub p95_ratio: f64,
    /// A 95th percentile below this is never too slow.
    pub p95_floor: Span,
    /// What happens when it can't be told.
    pub on_unavailable: OnUnavailable,
    /// The Deployments that are measured; empty: all that name a port `metrics`.
    pub deployments: Vec<String>,
    /// Routes that begin so are not counted: nobody waits for what a probe is answered.
    pub ignore: Vec<String>,
    /// How the port `metrics` is spoken to.
    pub scheme: Scheme,
    /// What is asked there.
    pub path: String,
    /// A Prometheus that is asked in place of the pods: its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prometheus: Option<String>,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            window: Span::seconds(60),
            min_requests: 100,
            error_rate: 0.01,
            p95_ratio: 1.5,
            p95_floor: Span(std::time::Duration::from_millis(50)),
            on_unavailable: OnUnavailable::Warn,
            deployments: Vec::new(),
            ignore: ["/health", "/ready", "/live", "/metrics"]
                .map(str::to_owned)
                .into(),
            scheme: Scheme::Http,
            path: "/metrics".into(),
            prometheus: None,
        }
    }
}

/// Thresholds are compared as they are written: `NaN` is none, so that equality is what it seems.
impl Eq for GateSettings {}

impl GateSettings {
    /// What is wrong with it, in words.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let share = (0.0..1.0).contains(&self.error_rate);
        let ratio = self.p95_ratio.is_finite() && self.p95_ratio >= 1.0;
        match (share, ratio) {
            (false, _) => Some(format!("error_rate is {}: from 0 to 1", self.error_rate)),
            (_, false) => Some(format!("p95_ratio is {}: 1 or more", self.p95_ratio)),
            _ if self.window.0.is_zero() => Some("window is 0".into()),
            _ if !self.path.starts_with('/') => Some("path begins with a slash".into()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_that_can_never_be_met_are_faults() {
        let with = |change: fn(&mut GateSettings)| {
            let mut settings = GateSettings::default();
            change(&mut settings);
            settings.fault()
        };
        assert_eq!(GateSettings::default().fault(), None);
        assert!(with(|it| it.error_rate = f64::NAN).is_some());
        assert!(with(|it| it.error_rate = 1.0).is_some());
        assert!(with(|it| it.p95_ratio = 0.5).is_some());
        assert!(with(|it| it.p95_ratio = f64::INFINITY).is_some());
        assert!(with(|it| it.window = Span::seconds(0)).is_some());
    }
}
