//! Which alert speaks for which, asked of a running Alertmanager. Each rule is taken away in a copy as well, and its case must notice.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_yaml::Value;
use testkit::ports::free_ports;

use super::alertmanager;
use crate::{machine::child, terminal::say};

const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(50);
/// An alert that a rule of ours silences as soon as the source is known: by it is seen that Alertmanager has looked.
const SEEN: &str = "Seen";

type Labels = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    rule: String,
    source: Labels,
    silenced: Vec<Labels>,
    heard: Vec<Labels>,
}

#[derive(Deserialize)]
struct Alert {
    labels: Labels,
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    inhibited_by: Vec<String>,
}

/// The programs that are asked.
pub struct Asked<'a> {
    pub alertmanager: &'a Path,
    pub amtool: &'a Path,
}

/// Every rule that does not what its case says, that has none, or that may go without being missed.
pub fn faults(asked: &Asked<'_>, place: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(place.join("alertmanager/inhibitions.yaml"))?;
    let cases: Vec<Case> = serde_yaml::from_str(&text).context("inhibitions.yaml")?;
    // Nobody is there to be told.
    let configuration = alertmanager::configuration(place, "http://127.0.0.1:9")?;
    let rules = rules(&configuration)?;
    let mut faults = uncovered(&rules, &cases);
    for case in &cases {
        let silent = asked.silent(&configuration, case)?;
        faults.extend(case.faults(&silent));
        let without = without(&configuration, &case.rule)?;
        let silent = asked.silent(&without, case)?;
        if case.silenced.iter().all(|alert| silent.contains(alert)) {
            faults.push(format!("{}: nobody would miss the rule", case.rule));
        }
    }
    say(&format!("{} alerts speak for others", cases.len()));
    Ok(faults)
}

impl Case {
    fn faults(&self, silent: &BTreeSet<Labels>) -> Vec<String> {
        let heard = self
            .silenced
            .iter()
            .filter(|alert| !silent.contains(*alert));
        let heard = heard.map(|alert| format!("{}: {alert:?} is heard", self.rule));
        let lost = self.heard.iter().filter(|alert| silent.contains(*alert));
        let lost = lost.map(|alert| format!("{}: nobody hears of {alert:?}", self.rule));
        heard.chain(lost).collect()
    }

    fn alerts(&self) -> impl Iterator<Item = &Labels> {
        let source = std::iter::once(&self.source);
        source.chain(&self.silenced).chain(&self.heard)
    }
}

impl Asked<'_> {
    /// Which alerts of a case nobody hears of.
    fn silent(&self, configuration: &Value, case: &Case) -> Result<BTreeSet<Labels>> {
        let mut configuration = configuration.clone();
        let source = case
            .source
            .get("alertname")
            .context("a source has a name")?;
        let rule = format!(
            "{{name: seen, source_matchers: ['alertname=\"{source}\"'], target_matchers: ['alertname=\"{SEEN}\"']}}"
        );
        let rules = configuration["inhibit_rules"].as_sequence_mut();
        rules
            .context("inhibit_rules")?
            .push(serde_yaml::from_str(&rule)?);
        let [port] = free_ports()?;
        let listen = format!("127.0.0.1:{port}");
        let server = alertmanager::start(self.alertmanager, &configuration, &listen)?;
        let url = format!("--alertmanager.url=http://{listen}");
        let began = Instant::now();
        let seen = Labels::from([("alertname".to_owned(), SEEN.to_owned())]);
        let mut added = false;
        while began.elapsed() < PATIENCE {
            added = added || self.add(&url, case, &seen);
            if added {
                let silent = self.query(&url)?;
                if silent.contains(&seen) {
                    return Ok(silent);
                }
            }
            thread::sleep(GLANCE);
        }
        bail!("{}: Alertmanager did not look\n{}", case.rule, server.log())
    }

    /// Whether it took them; it may not listen yet.
    fn add(&self, url: &str, case: &Case, seen: &Labels) -> bool {
        case.alerts().chain([seen]).all(|labels| {
            let mut command = Command::new(self.amtool);
            command.args([url, "alert", "add"]);
            command.args(labels.iter().map(|(name, value)| format!("{name}={value}")));
            child::succeeds(&mut command)
        })
    }

    fn query(&self, url: &str) -> Result<BTreeSet<Labels>> {
        let mut command = Command::new(self.amtool);
        command.args([
            url,
            "--output=json",
            "alert",
            "query",
            "--inhibited",
            "--active",
        ]);
        let told = child::output(&mut command)?;
        let alerts: Vec<Alert> = serde_json::from_slice(&told).context("amtool's answer")?;
        let silent = alerts
            .into_iter()
            .filter(|alert| !alert.status.inhibited_by.is_empty());
        Ok(silent.map(|alert| alert.labels).collect())
    }
}

/// The names of the rules, and the alerts that each silences.
fn rules(configuration: &Value) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let rules = configuration["inhibit_rules"].as_sequence();
    let mut all = BTreeMap::new();
    for rule in rules.context("inhibit_rules")? {
        let name = rule["name"].as_str().context("a rule has a name")?;
        let matchers = rule["target_matchers"].as_sequence().context("targets")?;
        let matcher = matchers.iter().filter_map(Value::as_str);
        let named = matcher.filter_map(|it| it.strip_prefix("alertname"));
        let named = named.flat_map(|it| it.trim_matches(['=', '~', '"']).split('|'));
        all.insert(name.to_owned(), named.map(str::to_owned).collect());
    }
    Ok(all)
}

fn uncovered(rules: &BTreeMap<String, BTreeSet<String>>, cases: &[Case]) -> Vec<String> {
    let mut faults = Vec::new();
    for (rule, named) in rules {
        let mut tried = cases.iter().filter(|case| case.rule == *rule);
        let Some(case) = tried.next() else {
            faults.push(format!("{rule}: inhibitions.yaml has no case of it"));
            continue;
        };
        let silenced = case.silenced.iter().filter_map(|it| it.get("alertname"));
        let silenced: BTreeSet<String> = silenced.cloned().collect();
        let missing: Vec<&str> = named.difference(&silenced).map(String::as_str).collect();
        if !missing.is_empty() {
            faults.push(format!("{rule}: its case has no {}", missing.join(", ")));
        }
    }
    let gone = cases.iter().filter(|case| !rules.contains_key(&case.rule));
    faults.extend(gone.map(|case| format!("{}: there is no such rule", case.rule)));
    faults
}

fn without(configuration: &Value, rule: &str) -> Result<Value> {
    let mut copy = configuration.clone();
    let rules = copy["inhibit_rules"].as_sequence_mut();
    let rules = rules.context("inhibit_rules")?;
    rules.retain(|it| it["name"].as_str() != Some(rule));
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIGURATION: &str = r#"inhibit_rules:
  - {name: one, source_matchers: ['alertname="A"'], target_matchers: ['alertname=~"B|C"']}
  - {name: two, source_matchers: ['alertname="B"'], target_matchers: ['alertname="C"', 'x="y"']}
"#;

    #[test]
    fn a_rule_without_a_case_an_alert_that_is_left_out_and_a_case_of_nothing_are_told() {
        let configuration: Value = serde_yaml::from_str(CONFIGURATION).unwrap();
        let rules = rules(&configuration).unwrap();
        let case = |rule: &str, name: &str| Case {
            rule: rule.to_owned(),
            source: Labels::new(),
            silenced: vec![Labels::from([("alertname".to_owned(), name.to_owned())])],
            heard: Vec::new(),
        };
        let told = uncovered(&rules, &[case("one", "B"), case("three", "C")]);
        assert_eq!(
            told,
            [
                "one: its case has no C",
                "two: inhibitions.yaml has no case of it",
                "three: there is no such rule",
            ]
        );
        let left = without(&configuration, "one").unwrap();
        assert_eq!(super::rules(&left).unwrap().len(), 1);
    }
}
