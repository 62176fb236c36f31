//! Every cause for which a roll-out waits or fails: its stable code, its class, what it means and what helps.
//!
//! This is the one table; `docs/reference/cause-codes.md` is written from it. The order is a rule: where several causes
//! are visible at once, the first of them in this table is the verdict.

use std::fmt;

/// How a cause is dealt with.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum CauseClass {
    /// It never cures itself: the roll-out fails at once.
    Fatal,
    /// It may cure itself: the roll-out fails when its grace is over.
    Transient,
    /// An autoscaler is at work: the roll-out waits until its deadline.
    WaitingForCapacity,
}

impl CauseClass {
    /// The class in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::Transient => "transient",
            Self::WaitingForCapacity => "waiting for capacity",
        }
    }
}

/// What the table says of one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// The code, as outputs and records spell it; never changes.
    pub code: &'static str,
    /// Its usual class. A finding may be milder: a crash inside its budget is transient.
    pub class: CauseClass,
    /// What it means.
    pub meaning: &'static str,
    /// What helps; `{namespace}`, `{name}` and `{container}` are those of the object that was found.
    pub hint: &'static str,
}

macro_rules! causes {
    ($($name:ident $code:literal $class:ident $meaning:literal $hint:literal)+) => {
        /// The code of a cause, the most specific first.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum CauseCode {
            $(#[doc = $meaning] #[serde(rename = $code)] $name,)+
        }

        impl CauseCode {
            /// Every code, the most specific first.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What the table says of it.
            #[must_use]
            pub const fn cause(self) -> Cause {
                match self {
                    $(Self::$name => Cause {
                        code: $code,
                        class: CauseClass::$class,
                        meaning: $meaning,
                        hint: $hint,
                    },)+
                }
            }
        }
    };
}

causes! {
    ImageNameInvalid "image-name-invalid" Fatal
        "The name of the image can't be read."
        "correct the image of container {container} in the manifest"
    WrongArchitecture "wrong-architecture" Fatal
        "The image has no build for the processor of the node."
        "build the image for the architecture of the nodes: kubectl get nodes -L kubernetes.io/arch"
    ImageNotFound "image-not-found" Fatal
        "The registry does not have this image, tag or digest."
        "opsctl image list"
    ImagePullUnauthorised "image-pull-unauthorised" Fatal
        "The registry does not let the node have the image."
        "kubectl -n {namespace} get pod {name} -o yaml; its imagePullSecrets, or its node's role, must open the registry"
    RegistryUntrusted "registry-untrusted" Fatal
        "The node does not trust the registry's certificate, or the registry speaks no TLS."
        "give the nodes the registry's authority, or the registry a certificate that they know"
    ImageSignatureRefused "image-signature-refused" Fatal
        "The node's policy does not accept the signature of the image."
        "sign the image with a key that the nodes' policy names"
    ConfigReferenceMissing "config-reference-missing" Fatal
        "The pod refers to a ConfigMap, a Secret, a key of them, a claim or an account that is not there."
        "kubectl -n {namespace} get configmaps,secrets,serviceaccounts,persistentvolumeclaims"
    NonRootRefused "non-root-refused" Fatal
        "The pod must not run as root, and the image runs as root or does not say as whom."
        "set securityContext.runAsUser of container {container} to a number that is not 0"
    ContainerConfigInvalid "container-config-invalid" Fatal
        "The node can't make a container of what the manifest says."
        "correct container {container} in the manifest"
    CommandNotFound "command-not-found" Fatal
        "The command of the container is not in the image, or can't be executed."
        "compare command and args of container {container} with the image's entry point"
    OutOfMemory "out-of-memory" Fatal
        "The container used more memory than its limit and was killed."
        "raise resources.limits.memory of container {container}, or find what grows: kubectl -n {namespace} top pod {name}"
    StartupProbeFailed "startup-probe-failed" Fatal
        "The startup probe never succeeded in its time, and the container was killed."
        "kubectl -n {namespace} logs {name} -c {container} --previous"
    LivenessKilled "liveness-killed" Fatal
        "The liveness probe failed so often that the container was killed."
        "kubectl -n {namespace} logs {name} -c {container} --previous"
    LifecycleHookFailed "lifecycle-hook-failed" Fatal
        "The postStart hook failed, and the container was killed."
        "run the postStart command of container {container} by hand"
    MigrationFailed "migration-failed" Fatal
        "The job that changes the schema failed."
        "opsctl migrate status"
    JobFailed "job-failed" Fatal
        "A job of the release failed."
        "kubectl -n {namespace} logs job/{name} --all-containers"
    CrashAtStart "crash-at-start" Fatal
        "The container ends within seconds of its start, more often than is tolerated."
        "kubectl -n {namespace} logs {name} -c {container} --previous"
    CrashLoop "crash-loop" Fatal
        "The container ends again and again, more often than is tolerated."
        "kubectl -n {namespace} logs {name} -c {container} --previous"
    PodSecurityRefused "pod-security-refused" Fatal
        "Pod Security does not let such pods into the namespace."
        "correct the securityContext; what the namespace demands: kubectl get namespace {namespace} --show-labels"
    QuotaExceeded "quota-exceeded" Fatal
        "The namespace's quota has no room for the pods."
        "kubectl -n {namespace} describe resourcequota"
    LimitRangeRefused "limit-range-refused" Fatal
        "The resources of a container are outside what the namespace allows."
        "kubectl -n {namespace} describe limitrange"
    AdmissionRefused "admission-refused" Fatal
        "An admission webhook or policy of the cluster said no."
        "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations,validatingadmissionpolicies"
    ImmutableField "immutable-field" Fatal
        "A field would change that can't be changed in place."
        "give the object a new name, or delete it first: kubectl -n {namespace} delete {kind} {name}"
    ManifestInvalid "manifest-invalid" Fatal
        "The API server does not accept the object: a field is wrong or unknown."
        "correct the manifest; opsctl diff shows what it renders to"
    KindUnknown "kind-unknown" Fatal
        "The API server does not know this kind."
        "install its definition first: kubectl api-resources"
    AccessForbidden "access-forbidden" Fatal
        "This principal may not do that."
        "kubectl auth can-i --list -n {namespace}"
    NamespaceMissing "namespace-missing" Fatal
        "The namespace is not there, or is going away."
        "kubectl get namespace {namespace}"
    ChangedMeanwhile "changed-meanwhile" Fatal
        "Somebody changed the object while it was being applied."
        "run it again: the plan is made anew"
    GateFailed "gate-failed" Fatal
        "The new pods fail more often, or answer more slowly, than the old ones did."
        "opsctl history show; kubectl -n {namespace} logs deployment/{name}"
    NeverReady "never-ready" Transient
        "The container runs, but its readiness probe does not succeed."
        "kubectl -n {namespace} logs {name} -c {container}"
    VolumePending "volume-pending" Transient
        "A volume of the pod has not been made."
        "kubectl -n {namespace} describe pvc; kubectl get storageclass"
    VolumeMountFailed "volume-mount-failed" Transient
        "A volume can't be attached or mounted."
        "kubectl -n {namespace} describe pod {name}"
    SandboxFailed "sandbox-failed" Transient
        "The node can't make the pod's sandbox or its network."
        "kubectl -n {namespace} describe pod {name}; the network plugin of its node"
    ContainerStartFailed "container-start-failed" Transient
        "The node's runtime could not start the container."
        "kubectl -n {namespace} describe pod {name}"
    ImagePullTransient "image-pull-transient" Transient
        "The registry does not answer, answers with an error, or holds the node back."
        "look at the registry and at its limits; the node tries again by itself"
    AdmissionUnreachable "admission-unreachable" Transient
        "An admission webhook does not answer, so that nothing can be made."
        "kubectl get pods -A; the webhook that the message names must run"
    PodCreateFailed "pod-create-failed" Transient
        "The controller could not make the pod."
        "kubectl -n {namespace} describe {kind} {name}"
    Unschedulable "unschedulable" Transient
        "No node has room for the pod, or fits what it asks for."
        "kubectl describe nodes; kubectl -n {namespace} describe pod {name}"
    WaitingForCapacity "waiting-for-capacity" WaitingForCapacity
        "No node has room yet, and an autoscaler is adding one."
        "kubectl get nodes --watch"
    ReadinessGateClosed "readiness-gate-closed" Transient
        "The containers are ready, but a readiness gate of the pod is not."
        "the load balancer's controller opens it: kubectl -n {namespace} get targetgroupbindings"
    NodeLost "node-lost" Transient
        "The node of the pod no longer answers."
        "kubectl get nodes"
    NodeRefused "node-refused" Transient
        "The node did not take the pod, or is shutting down."
        "kubectl describe nodes; kubectl -n {namespace} describe pod {name}"
    Evicted "evicted" Transient
        "The node put the pod out, because it ran short of something."
        "kubectl -n {namespace} describe pod {name}"
    WorkloadGone "workload-gone" Transient
        "The object of the release is not there, or was made anew by somebody else."
        "opsctl status"
    ApiUnreachable "api-unreachable" Transient
        "The API server does not answer, so that nothing can be seen."
        "kubectl get --raw /readyz"
    ProgressDeadline "progress-deadline" Fatal
        "The roll-out has stood still for too long, and nothing says why."
        "kubectl -n {namespace} describe {kind} {name}"
    DeadlineExceeded "deadline-exceeded" Fatal
        "The roll-out was not finished in its whole time."
        "opsctl status; a longer --timeout, where it only was slow"
}

impl CauseCode {
    /// The code, as outputs and records spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.cause().code
    }

    /// The code of that spelling.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == code)
    }
}

impl fmt::Display for CauseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_spelled_once_and_in_kebab_case() {
        let mut codes: Vec<&str> = CauseCode::ALL.iter().map(|code| code.as_str()).collect();
        assert!(codes.iter().all(|code| {
            let signs = code.chars();
            signs
                .clone()
                .all(|sign| sign.is_ascii_lowercase() || sign == '-')
                && signs.count() > 5
        }));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), CauseCode::ALL.len());
    }

    #[test]
    fn a_code_is_read_back_from_its_spelling_in_records_too() {
        for code in CauseCode::ALL {
            assert_eq!(CauseCode::parse(code.as_str()), Some(*code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        assert_eq!(CauseCode::parse("no-such-cause"), None);
    }

    #[test]
    fn every_code_says_what_it_means_and_what_helps() {
        for code in CauseCode::ALL {
            let cause = code.cause();
            assert!(cause.meaning.ends_with('.'), "{code}");
            assert!(
                !cause.hint.is_empty() && !cause.hint.ends_with('.'),
                "{code}"
            );
        }
    }
}
