//! The status of one container of a pod, beside what the manifest says of it.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::workloads::Object;

static NOTHING: Value = Value::Null;

/// A container's status.
#[derive(Debug, Clone, Copy)]
pub struct ContainerStatus<'a> {
    pod: &'a Object,
    status: &'a Value,
    spec: &'a Value,
    /// Whether it must come to its end before others start: its ending well is no fault.
    pub passing: bool,
}

/// How a container ended.
#[derive(Debug, Clone, Copy)]
pub struct End<'a>(&'a Value);

impl<'a> ContainerStatus<'a> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.status["name"].as_str().unwrap_or_default()
    }

    /// What the manifest says of it.
    #[must_use]
    pub const fn spec(&self) -> &'a Value {
        self.spec
    }

    /// Its id beyond this pod.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.pod.uid(), self.name())
    }

    /// Its id in its present run.
    #[must_use]
    pub fn run(&self) -> String {
        format!("{}#{}", self.key(), self.restarts())
    }

    /// Why it waits; empty when it does not.
    #[must_use]
    pub fn waiting_reason(&self) -> &'a str {
        let reason = &self.status["state"]["waiting"]["reason"];
        reason.as_str().unwrap_or_default()
    }

    /// The words with which it waits.
    #[must_use]
    pub fn waiting_message(&self) -> &'a str {
        let message = &self.status["state"]["waiting"]["message"];
        message.as_str().unwrap_or_default()
    }

    /// Whether it runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.status["state"]["running"].is_object()
    }

    /// Whether it is ready.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.status["ready"] == true
    }

    /// Whether its startup probe has succeeded, if it has one.
    #[must_use]
    pub fn started(&self) -> bool {
        self.status["started"] == true
    }

    /// How often it has ended against our will; the last time may not have been followed by a start yet.
    #[must_use]
    pub fn ends(&self) -> i64 {
        let pending = self.waiting_reason() == "CrashLoopBackOff" || self.present_end().is_some();
        self.restarts() + i64::from(pending)
    }

    /// How it ended last against our will.
    #[must_use]
    pub fn last_end(&self) -> Option<End<'a>> {
        let before = || self.bad(&self.status["lastState"]["terminated"]);
        self.present_end().or_else(before)
    }

    fn present_end(&self) -> Option<End<'a>> {
        self.bad(&self.status["state"]["terminated"])
    }

    fn bad(&self, terminated: &'a Value) -> Option<End<'a>> {
        let end = End(terminated.is_object().then_some(terminated)?);
        let lasting = self.pod.text("/spec/restartPolicy") == "Always" && !self.passing;
        (end.code() != 0 || lasting).then_some(end)
    }

    fn restarts(&self) -> i64 {
        self.status["restartCount"].as_i64().unwrap_or_default()
    }
}

impl<'a> End<'a> {
    /// The exit code.
    #[must_use]
    pub fn code(&self) -> i64 {
        self.0["exitCode"].as_i64().unwrap_or_default()
    }

    /// `Error`, `OOMKilled`, `StartError`.
    #[must_use]
    pub fn reason(&self) -> &'a str {
        self.0["reason"].as_str().unwrap_or_default()
    }

    /// What the runtime, or the program's termination message, says.
    #[must_use]
    pub fn message(&self) -> &'a str {
        self.0["message"].as_str().unwrap_or_default().trim()
    }

    /// How long it had lived, in seconds; both times are the node's own.
    #[must_use]
    pub fn lived(&self) -> Option<f64> {
        let moment = |field: &str| OffsetDateTime::parse(self.0[field].as_str()?, &Rfc3339).ok();
        let lived = moment("finishedAt")? - moment("startedAt")?;
        Some(lived.as_seconds_f64().max(0.0))
    }

    /// The signal that ended it.
    #[must_use]
    pub fn signal(&self) -> Option<&'static str> {
        let told = self.0["signal"].as_i64().filter(|signal| *signal > 0);
        let signal = told.or_else(|| (self.code() > 128).then(|| self.code() - 128))?;
        Some(match signal {
            1 => "SIGHUP",
            2 => "SIGINT",
            3 => "SIGQUIT",
            4 => "SIGILL",
            6 => "SIGABRT",
            7 => "SIGBUS",
            8 => "SIGFPE",
            9 => "SIGKILL",
            11 => "SIGSEGV",
            13 => "SIGPIPE",
            15 => "SIGTERM",
            31 => "SIGSYS",
            _ => return None,
        })
    }
}

/// The statuses of all containers of a pod, init containers first.
#[must_use]
pub fn statuses(pod: &Object) -> Vec<ContainerStatus<'_>> {
    let places = [
        ("/status/initContainerStatuses", "/spec/initContainers"),
        ("/status/containerStatuses", "/spec/containers"),
    ];
    let mut found = Vec::new();
    for (statuses, specs) in places {
        for status in pod.items(statuses) {
            let mut named = pod.items(specs).iter();
            let spec = named.find(|spec| spec["name"] == status["name"]);
            let spec = spec.unwrap_or(&NOTHING);
            let init = specs == "/spec/initContainers";
            found.push(ContainerStatus {
                pod,
                status,
                spec,
                passing: init && spec["restartPolicy"] != "Always",
            });
        }
    }
    found
}
