//! The measures in Prometheus's text format. Moments in seconds since 1970; what never happened happened then.

use std::fmt::Write;

use crate::clock::Timestamp;
use crate::environment::Span;

use super::{Kept, Measures};

/// The text that Prometheus reads.
#[must_use]
pub fn render(measures: &Measures) -> String {
    let environment = measures.environment.as_str();
    let mut page = Page {
        text: String::new(),
        environment,
    };
    page.promises(measures);
    page.backups(measures);
    page.kept(
        "drill",
        &measures.drills,
        "opsctl_drill_passed_timestamp_seconds",
        "When such a drill last passed; 0: never",
    );
    page.promised(
        "drill",
        &measures.drills,
        "opsctl_drill_promise_seconds",
        "How long ago that may be",
    );
    page.kept(
        "secret",
        &measures.secrets,
        "opsctl_secret_changed_timestamp_seconds",
        "Since when the secret is what it is",
    );
    page.promised(
        "secret",
        &measures.secrets,
        "opsctl_secret_promise_seconds",
        "How long ago that may be",
    );
    page.schedule(measures);
    page.text
}

const UNLABELLED: Option<(&str, &str)> = None;

struct Page<'a> {
    text: String,
    environment: &'a str,
}

impl Page<'_> {
    fn promises(&mut self, measures: &Measures) {
        let measured = "opsctl_measured_timestamp_seconds";
        self.head(measured, "When this was measured");
        self.sample(measured, UNLABELLED, moment(Some(measures.measured_at)));
        let promise = "opsctl_promise_seconds";
        self.head(promise, "What was promised");
        for (name, span) in [
            ("rto", measures.rto),
            ("rpo", measures.rpo),
            ("retention", measures.retention),
        ] {
            self.sample(promise, Some(("promise", name)), seconds(span));
        }
    }

    fn backups(&mut self, measures: &Measures) {
        let backups = "opsctl_backups";
        self.head(backups, "Backups, by whether their records can be read");
        for (state, count) in [
            ("readable", measures.backups),
            ("unreadable", measures.unreadable_backups),
        ] {
            self.sample(backups, Some(("state", state)), count.to_string());
        }
        let newest = "opsctl_backup_newest_timestamp_seconds";
        let meaning = "When the data of the newest backup was taken; 0: there is none";
        self.head(newest, meaning);
        self.sample(newest, UNLABELLED, moment(measures.newest_backup));
    }

    fn schedule(&mut self, measures: &Measures) {
        let allowed = "opsctl_schedule_allowed_seconds";
        self.head(allowed, "How long ago a scheduled run may have ended well");
        for one in &measures.schedule {
            self.sample(
                allowed,
                Some(("cronjob", one.cron_job)),
                seconds(one.within),
            );
        }
    }

    fn head(&mut self, name: &str, help: &str) {
        let _infallible = write!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
    }

    fn sample(&mut self, name: &str, label: Option<(&str, &str)>, value: String) {
        let environment = escaped(self.environment);
        let more = label.map(|(name, value)| format!(",{name}=\"{}\"", escaped(value)));
        let more = more.unwrap_or_default();
        let _infallible = writeln!(
            self.text,
            "{name}{{environment=\"{environment}\"{more}}} {value}"
        );
    }

    fn kept(&mut self, label: &str, all: &[Kept], name: &str, help: &str) {
        self.head(name, help);
        for one in all {
            self.sample(name, Some((label, &one.name)), moment(one.last));
        }
    }

    fn promised(&mut self, label: &str, all: &[Kept], name: &str, help: &str) {
        self.head(name, help);
        for one in all {
            self.sample(name, Some((label, &one.name)), seconds(one.promise));
        }
    }
}

fn moment(at: Option<Timestamp>) -> String {
    at.map_or(0, |at| at.0.unix_timestamp()).to_string()
}

fn seconds(span: Span) -> String {
    span.0.as_secs().to_string()
}

fn escaped(value: &str) -> String {
    let value = value.replace('\\', r"\\").replace('"', "\\\"");
    value.replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use crate::measures::Allowed;
    use crate::names::EnvironmentName;

    use super::*;

    fn measures() -> Measures {
        let at = |text| Timestamp::parse(text).unwrap();
        let kept = |name: &str, last| Kept {
            name: name.to_owned(),
            promise: Span::days(31),
            last,
        };
        Measures {
            environment: EnvironmentName::new("local").unwrap(),
            measured_at: at("1970-01-02T00:00:00Z"),
            rto: Span::seconds(3600),
            rpo: Span::seconds(86_400),
            retention: Span::days(30),
            newest_backup: None,
            backups: 2,
            unreadable_backups: 1,
            drills: vec![
                kept("restore", Some(at("1970-01-01T01:00:00Z"))),
                kept("failover", None),
            ],
            secrets: vec![kept("a\"b", Some(at("1970-01-01T00:00:07Z")))],
            schedule: vec![Allowed {
                cron_job: "opsctl-backup",
                within: Span::seconds(47_700),
            }],
        }
    }

    #[test]
    fn what_was_promised_stands_beside_when_it_was_kept() {
        let text = render(&measures());
        for line in [
            "opsctl_measured_timestamp_seconds{environment=\"local\"} 86400",
            "opsctl_promise_seconds{environment=\"local\",promise=\"rpo\"} 86400",
            "opsctl_backups{environment=\"local\",state=\"unreadable\"} 1",
            "opsctl_drill_passed_timestamp_seconds{environment=\"local\",drill=\"restore\"} 3600",
            "opsctl_drill_promise_seconds{environment=\"local\",drill=\"restore\"} 2678400",
            "opsctl_schedule_allowed_seconds{environment=\"local\",cronjob=\"opsctl-backup\"} 47700",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}: {text}");
        }
    }

    #[test]
    fn what_never_happened_is_as_old_as_can_be() {
        let text = render(&measures());
        for line in [
            "opsctl_backup_newest_timestamp_seconds{environment=\"local\"} 0",
            "opsctl_drill_passed_timestamp_seconds{environment=\"local\",drill=\"failover\"} 0",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}: {text}");
        }
    }

    #[test]
    fn a_name_with_a_quote_breaks_no_line() {
        assert!(render(&measures()).contains(r#"secret="a\"b"} 7"#));
    }
}
