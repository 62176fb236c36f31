//! The verdict of the gate: pure, and never a guess.

use super::figures::Figures;
use crate::environment::GateSettings;

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum GateVerdict {
    /// The new pods are as good as the old ones.
    Pass,
    /// They are worse.
    Fail {
        /// In what.
        reasons: Vec<String>,
    },
    /// It can't be told: neither good nor bad.
    Unavailable {
        /// Why not.
        reason: String,
    },
}

impl GateVerdict {
    /// The word for lists.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail { .. } => "fail",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// Why; empty for a pass.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::Pass => String::new(),
            Self::Fail { reasons } => reasons.join("; "),
            Self::Unavailable { reason } => reason.clone(),
        }
    }
}

/// Compares what the old pods did with what the new ones do.
#[must_use]
pub fn judge(old: &Figures, new: &Figures, rules: &GateSettings) -> GateVerdict {
    if let Some(reason) = lacking("new", new, rules).or_else(|| lacking("old", old, rules)) {
        return GateVerdict::Unavailable { reason };
    }
    let reasons: Vec<String> = [errors(old, new, rules), slowness(old, new, rules)]
        .into_iter()
        .flatten()
        .collect();
    if !reasons.is_empty() {
        return GateVerdict::Fail { reasons };
    }
    match (old.p95, new.p95) {
        (Some(_), Some(_)) => GateVerdict::Pass,
        _ => GateVerdict::Unavailable {
            reason: "no answering times were told".into(),
        },
    }
}

/// Whether more errors are certain already, before the window is over. Slowness never is: programs start cold.
#[must_use]
pub fn fails_early(old: &Figures, new: &Figures, rules: &GateSettings) -> bool {
    let enough = lacking("new", new, rules).is_none() && lacking("old", old, rules).is_none();
    enough && errors(old, new, rules).is_some()
}

fn lacking(side: &str, figures: &Figures, rules: &GateSettings) -> Option<String> {
    let notes = match figures.notes.as_slice() {
        [] => String::new(),
        notes => format!(" ({})", notes.join("; ")),
    };
    if figures.pods == 0 {
        return Some(format!("no {side} pod told what it measured{notes}"));
    }
    let (requests, wanted) = (figures.requests, rules.min_requests);
    (requests < u64::from(wanted.max(1))).then(|| {
        format!("the {side} pods answered {requests} requests; {wanted} are needed{notes}")
    })
}

fn errors(old: &Figures, new: &Figures, rules: &GateSettings) -> Option<String> {
    let (was, is) = (old.error_rate()?, new.error_rate()?);
    (is - was > rules.error_rate).then(|| {
        let [was, is, may] = [was, is, rules.error_rate].map(|share| share * 100.0);
        format!("{is:.2} % of the new pods' answers failed, {was:.2} % of the old ones': {may} % more may")
    })
}

fn slowness(old: &Figures, new: &Figures, rules: &GateSettings) -> Option<String> {
    let (was, is) = (old.p95?, new.p95?);
    let slow = is > rules.p95_floor.0.as_secs_f64() && is > was * rules.p95_ratio;
    slow.then(|| {
        let [was, is] = [was, is].map(|seconds| seconds * 1000.0);
        let ratio = rules.p95_ratio;
        format!(
            "the new pods' p95 is {is:.0} ms, the old ones' {was:.0} ms: {ratio} times that may be"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(requests: u64, failed: u64, p95: Option<f64>) -> Figures {
        Figures {
            pods: 1,
            requests,
            failed,
            p95,
            notes: Vec::new(),
        }
    }

    /// Requests, failures and milliseconds; 0 of them: no pod, and no times.
    fn side([requests, failed, p95]: [u32; 3]) -> Figures {
        let p95 = (p95 > 0).then(|| f64::from(p95) / 1000.0);
        Figures {
            pods: usize::from(requests > 0),
            ..figures(requests.into(), failed.into(), p95)
        }
    }

    #[test]
    fn the_table_of_verdicts() {
        for (case, old, new, expected) in [
            ("alike", [1000, 1, 100], [1000, 1, 100], "pass"),
            ("better", [1000, 500, 2000], [1000, 1, 100], "pass"),
            ("as bad as before", [100, 50, 100], [100, 50, 100], "pass"),
            (
                "errors at the limit",
                [1000, 0, 100],
                [1000, 10, 100],
                "pass",
            ),
            ("errors above it", [1000, 0, 100], [1000, 11, 100], "fail"),
            ("slow at the limit", [1000, 1, 100], [1000, 1, 150], "pass"),
            ("slow above it", [1000, 1, 100], [1000, 1, 151], "fail"),
            (
                "slower, and quick still",
                [1000, 1, 1],
                [1000, 1, 50],
                "pass",
            ),
            ("no new pod", [1000, 1, 100], [0, 0, 0], "unavailable"),
            ("no old pod", [0, 0, 0], [1000, 1, 100], "unavailable"),
            (
                "no old pod, all fails",
                [0, 0, 0],
                [1000, 1000, 100],
                "unavailable",
            ),
            ("too few", [1000, 1, 100], [99, 99, 9000], "unavailable"),
            ("too few old", [99, 0, 100], [1000, 1, 100], "unavailable"),
            ("no times", [1000, 1, 100], [1000, 1, 0], "unavailable"),
            (
                "no times, and errors",
                [1000, 1, 100],
                [1000, 100, 0],
                "fail",
            ),
        ] {
            let verdict = judge(&side(old), &side(new), &GateSettings::default());
            assert_eq!(verdict.word(), expected, "{case}: {verdict:?}");
        }
    }

    #[test]
    fn a_limit_of_nothing_still_needs_an_answer() {
        let rules = GateSettings {
            min_requests: 0,
            ..GateSettings::default()
        };
        let silent = figures(0, 0, None);
        assert_eq!(judge(&silent, &silent, &rules).word(), "unavailable");
    }

    #[test]
    fn errors_are_certain_early_and_slowness_is_not() {
        let (rules, good) = (GateSettings::default(), figures(1000, 0, Some(0.1)));
        assert!(fails_early(&good, &figures(100, 50, Some(0.1)), &rules));
        assert!(!fails_early(&good, &figures(99, 50, Some(0.1)), &rules));
        assert!(!fails_early(&good, &figures(1000, 0, Some(9.0)), &rules));
    }

    #[test]
    fn a_verdict_says_what_it_saw() {
        let verdict = judge(
            &figures(1000, 0, Some(0.1)),
            &figures(200, 20, Some(0.3)),
            &GateSettings::default(),
        );
        assert_eq!(
            verdict.why(),
            "10.00 % of the new pods' answers failed, 0.00 % of the old ones': 1 % more may; \
             the new pods' p95 is 300 ms, the old ones' 100 ms: 1.5 times that may be"
        );
    }
}
