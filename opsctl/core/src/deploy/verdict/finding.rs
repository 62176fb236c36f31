//! What the judge found: one cause at one object, in words that an engineer can act on.

use std::fmt;
use std::time::Duration;

use super::cause::{CauseClass, CauseCode};
use crate::ports::{Refusal, RefusalReason};
use crate::secret::without_passwords;
use crate::workloads::ObjectRef;

/// The most signs of a message: what a server or a program says may be a whole page.
const LONGEST: usize = 600;

/// One cause at one object.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Finding {
    /// Which cause.
    pub code: CauseCode,
    /// How it is dealt with here and now.
    pub class: CauseClass,
    /// Where it shows.
    pub object: ObjectRef,
    /// In which container of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// What is seen, with the cluster's own words.
    pub message: String,
    /// What helps here.
    pub hint: String,
}

impl Finding {
    /// A finding in the usual class of its code.
    #[must_use]
    pub fn new(code: CauseCode, object: &ObjectRef, message: impl AsRef<str>) -> Self {
        Self {
            code,
            class: code.cause().class,
            object: object.clone(),
            container: None,
            message: shortened(&without_passwords(message.as_ref().trim())),
            hint: String::new(),
        }
        .with_hint()
    }

    /// The finding in one of the object's containers.
    #[must_use]
    pub fn at(mut self, container: &str) -> Self {
        self.container = Some(container.to_owned());
        self.with_hint()
    }

    /// The finding in another class than its usual one.
    #[must_use]
    pub fn in_class(mut self, class: CauseClass) -> Self {
        self.class = class;
        self
    }

    /// What the API server's refusal of an object comes to.
    #[must_use]
    pub fn of_refusal(refusal: &Refusal) -> Self {
        let code = match refusal.reason {
            RefusalReason::Invalid => CauseCode::ManifestInvalid,
            RefusalReason::Immutable => CauseCode::ImmutableField,
            RefusalReason::UnknownKind => CauseCode::KindUnknown,
            RefusalReason::Quota => CauseCode::QuotaExceeded,
            RefusalReason::PodSecurity => CauseCode::PodSecurityRefused,
            RefusalReason::Admission => CauseCode::AdmissionRefused,
            RefusalReason::Forbidden => CauseCode::AccessForbidden,
            RefusalReason::Namespace => CauseCode::NamespaceMissing,
            RefusalReason::Conflict => CauseCode::ChangedMeanwhile,
        };
        Self::new(code, &refusal.object, &refusal.message)
    }

    fn with_hint(mut self) -> Self {
        let kind = self.object.kind.kind.to_lowercase();
        let mut hint = self.code.cause().hint.to_owned();
        let names = [
            ("{namespace}", self.object.namespace.as_deref()),
            ("{name}", Some(self.object.name.as_str())),
            ("{container}", self.container.as_deref()),
            ("{kind}", Some(kind.as_str())),
        ];
        for (place, name) in names {
            if let Some(name) = name {
                hint = hint.replace(place, name);
            }
        }
        self.hint = hint;
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.object)?;
        if let Some(container) = &self.container {
            write!(f, " [{container}]")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// How long a finding may stay before it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// It counts at once.
    None,
    /// It counts when it has been there for so long.
    For(Duration),
    /// It counts when the whole roll-out stands still or runs out of time.
    UntilDeadline,
}

/// A finding on its way to become a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// The finding.
    pub finding: Finding,
    /// How long it may stay.
    pub patience: Patience,
    /// The id of the thing that shows it, and of its run: another run starts the patience anew.
    pub source: String,
    /// Whether it is told only when it counts: every start looks so for a while.
    pub ordinary: bool,
}

impl Suspicion {
    /// A finding that counts at once.
    #[must_use]
    pub fn certain(finding: Finding, source: &str) -> Self {
        Self::new(finding.in_class(CauseClass::Fatal), Patience::None, source)
    }

    /// A finding that may cure itself.
    #[must_use]
    pub fn for_a_while(finding: Finding, patience: Patience, source: &str) -> Self {
        let class = match finding.code.cause().class {
            CauseClass::WaitingForCapacity => CauseClass::WaitingForCapacity,
            CauseClass::Fatal | CauseClass::Transient => CauseClass::Transient,
        };
        Self::new(finding.in_class(class), patience, source)
    }

    /// The suspicion, told only when it counts.
    #[must_use]
    pub fn ordinary(mut self) -> Self {
        self.ordinary = true;
        self
    }

    fn new(finding: Finding, patience: Patience, source: &str) -> Self {
        Self {
            finding,
            patience,
            source: source.to_owned(),
            ordinary: false,
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workloads::ObjectKind;

    fn pod() -> ObjectRef {
        ObjectRef {
            kind: ObjectKind::new("v1", "Pod"),
            namespace: Some("shop".into()),
            name: "api-1".into(),
        }
    }

    #[test]
    fn the_hint_names_the_object_and_its_container() {
        let finding = Finding::new(CauseCode::CrashLoop, &pod(), "exit code 1").at("api");
        assert_eq!(finding.hint, "kubectl -n shop logs api-1 -c api --previous");
        assert_eq!(
            finding.to_string(),
            "crash-loop: Pod shop/api-1 [api]: exit code 1"
        );
    }

    #[test]
    fn a_password_in_a_message_is_hidden_and_a_page_is_cut() {
        let words = format!("postgres://app:hunter2@db/shop {}", "é".repeat(1000));
        let finding = Finding::new(CauseCode::CrashLoop, &pod(), words);
        assert!(!finding.message.contains("hunter2"));
        assert_eq!(finding.message.chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_refusal_of_the_server_has_a_code_of_its_own() {
        let refusal = Refusal {
            object: pod(),
            reason: RefusalReason::Immutable,
            message: "field is immutable".into(),
        };
        let finding = Finding::of_refusal(&refusal);
        assert_eq!(finding.code, CauseCode::ImmutableField);
        assert!(finding.hint.ends_with("kubectl -n shop delete pod api-1"));
    }
}
