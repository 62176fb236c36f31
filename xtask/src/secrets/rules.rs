//! What secrets look like: one rule a kind.

use anyhow::Result;
use regex::bytes::Regex;
use sha2::{Digest, Sha256};

use super::{Finding, judgement};

/// A kind of secret: its name, its pattern (group 1 is the secret) and what else must be true of the secret
/// and of all that the pattern matched.
struct Rule {
    name: &'static str,
    pattern: &'static str,
    holds: fn(&str, &str) -> bool,
}

const fn rule(name: &'static str, pattern: &'static str) -> Rule {
    let holds = |_: &str, _: &str| true;
    Rule {
        name,
        pattern,
        holds,
    }
}

static RULES: [Rule; 12] = [
    rule(
        "AWS access key",
        r"\b((?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16})\b",
    ),
    rule(
        "private key",
        r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s*([A-Za-z0-9+/=]{16,})",
    ),
    rule("GitHub token", r"\b(gh[pousr]_[A-Za-z0-9]{36,})"),
    rule("GitHub token", r"\b(github_pat_[A-Za-z0-9_]{22,})"),
    rule("GitLab token", r"\b(glpat-[A-Za-z0-9_\-]{20,})"),
    rule("Slack token", r"\b(xox[abeoprs]-[A-Za-z0-9\-]{10,})"),
    rule(
        "Slack webhook",
        r"hooks\.slack\.com/services/(T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,})",
    ),
    rule(
        "payment or mail key",
        r"\b((?:[sr]k_live_|SG\.)[A-Za-z0-9_\-.]{20,})",
    ),
    rule("Google API key", r"\b(AIza[0-9A-Za-z_\-]{35})"),
    rule(
        "package registry token",
        r"\b((?:npm_|cio)[A-Za-z0-9]{32,36})\b",
    ),
    Rule {
        name: "password in a URL",
        pattern: r#"[a-z][a-z0-9+.\-]*://[^/\s:@"'`<>{}$]+:([^/\s@"'`<>{}$]{3,})@[A-Za-z0-9\-]+\.[A-Za-z0-9\-.]+"#,
        holds: judgement::opens_a_server,
    },
    Rule {
        name: "secret in an assignment",
        pattern: r#"(?i)(?:passw(?:or)?d|secret|token|api_?key|private_?key|access_?key|credential)[a-z_]*["']?\s*(?::|=|=>)\s*b?["']?([A-Za-z0-9+/=_\-]{16,})(?:["'\s,;]|$)"#,
        holds: |secret, _| judgement::is_random(secret),
    },
];

/// The rules, ready to use.
pub struct Scanner {
    rules: Vec<(&'static Rule, Regex)>,
}

/// Something found in one file.
#[derive(Debug)]
pub struct Hit {
    /// The line, from 1.
    pub line: usize,
    rule: &'static str,
    fingerprint: String,
}

impl Hit {
    /// The finding, at a place told by the caller.
    pub fn at(&self, place: String) -> Finding {
        Finding {
            place,
            rule: self.rule,
            fingerprint: self.fingerprint.clone(),
        }
    }
}

impl Scanner {
    /// Compiles the rules.
    pub fn new() -> Result<Self> {
        let compile =
            |rule: &'static Rule| Ok((rule, Regex::new(&format!("(?m-u){}", rule.pattern))?));
        let rules = RULES.iter().map(compile).collect::<Result<_>>()?;
        Ok(Self { rules })
    }

    /// Every secret in the content of a file; nothing in a binary file.
    pub fn hits(&self, content: &[u8]) -> Vec<Hit> {
        if content.contains(&0) {
            return Vec::new();
        }
        let of_rule = |(rule, regex): &(&'static Rule, Regex)| {
            let rule: &'static Rule = rule;
            let hits = regex.captures_iter(content).filter_map(|found| {
                let (whole, secret) = (found.get(0)?, found.get(1)?);
                holds(rule, secret.as_bytes(), whole.as_bytes())
                    .then(|| hit(rule, content, secret.start(), secret.as_bytes()))
            });
            hits.collect::<Vec<_>>()
        };
        self.rules.iter().flat_map(of_rule).collect()
    }
}

fn holds(rule: &Rule, secret: &[u8], whole: &[u8]) -> bool {
    let texts = std::str::from_utf8(secret)
        .ok()
        .zip(std::str::from_utf8(whole).ok());
    texts.is_some_and(|(secret, whole)| (rule.holds)(secret, whole))
}

fn hit(rule: &'static Rule, content: &[u8], start: usize, secret: &[u8]) -> Hit {
    let before = content.get(..start).unwrap_or_default();
    let digest = hex::encode(Sha256::digest(secret));
    Hit {
        line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
        rule: rule.name,
        fingerprint: digest.get(..32).unwrap_or(&digest).to_owned(),
    }
}
