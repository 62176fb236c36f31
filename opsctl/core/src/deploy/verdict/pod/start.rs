//! Why a node could not make or start a container, by the words of kubelet and of the runtime.

use crate::deploy::verdict::CauseCode;

/// What `CreateContainerConfigError` means.
pub fn of_config(message: &str) -> CauseCode {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["failed to sync", "have not yet been read"]) {
        // The node's cache has not caught up; it tries again by itself.
        CauseCode::ContainerStartFailed
    } else if says(&["runAsNonRoot", "run as root"]) {
        CauseCode::NonRootRefused
    } else if says(&["not found", "couldn't find key", "non-existent"]) {
        CauseCode::ConfigReferenceMissing
    } else if says(&["subPath", "volumeMount"]) {
        CauseCode::VolumeMountFailed
    } else {
        CauseCode::ContainerConfigInvalid
    }
}

/// What `CreateContainerError`, `RunContainerError` and an end with `StartError` mean.
pub fn of_start(message: &str) -> CauseCode {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["exec format error"]) {
        CauseCode::WrongArchitecture
    } else if says(&["error mounting", "failed to mount"]) {
        CauseCode::VolumeMountFailed
    } else if says(&[
        "no such file or directory",
        "executable file not found",
        "no command specified",
        "permission denied",
        "is a directory",
        "not a directory",
    ]) {
        CauseCode::CommandNotFound
    } else {
        CauseCode::ContainerStartFailed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_container_refers_to_is_missing_or_only_not_read_yet() {
        use CauseCode::{
            ConfigReferenceMissing, ContainerConfigInvalid, ContainerStartFailed, NonRootRefused,
            VolumeMountFailed,
        };
        for (message, code) in [
            ("configmap \"app\" not found", ConfigReferenceMissing),
            ("secret \"app\" not found", ConfigReferenceMissing),
            (
                "couldn't find key GREETING in ConfigMap shop/app",
                ConfigReferenceMissing,
            ),
            (
                "failed to sync configmap cache: timed out waiting for the condition",
                ContainerStartFailed,
            ),
            (
                "services have not yet been read at least once, cannot construct envvars",
                ContainerStartFailed,
            ),
            (
                "container has runAsNonRoot and image will run as root (pod: \"api_shop(1)\", container: api)",
                NonRootRefused,
            ),
            (
                "failed to prepare subPath for volumeMount \"config\" of container \"api\"",
                VolumeMountFailed,
            ),
            (
                "cannot find volume \"data\" to mount into container \"api\"",
                ContainerConfigInvalid,
            ),
        ] {
            assert_eq!(of_config(message), code, "{message}");
        }
    }

    #[test]
    fn a_command_that_is_not_there_is_told_from_a_runtime_in_trouble() {
        let runc = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";
        for (words, code) in [
            (
                "exec: \"/app/nope\": stat /app/nope: no such file or directory: unknown",
                CauseCode::CommandNotFound,
            ),
            (
                "exec: \"nope\": executable file not found in $PATH: unknown",
                CauseCode::CommandNotFound,
            ),
            (
                "exec: \"/etc/passwd\": permission denied: unknown",
                CauseCode::CommandNotFound,
            ),
            (
                "exec /app: exec format error: unknown",
                CauseCode::WrongArchitecture,
            ),
            (
                "error during container init: error mounting \"/var/lib/kubelet/pods/1/volumes/x\" to rootfs at \"/etc/app\": no such file or directory: unknown",
                CauseCode::VolumeMountFailed,
            ),
            (
                "unable to apply cgroup configuration: failed to write 1: device or resource busy: unknown",
                CauseCode::ContainerStartFailed,
            ),
        ] {
            assert_eq!(of_start(&format!("{runc}{words}")), code, "{words}");
        }
        assert_eq!(
            of_start(
                "failed to generate container \"ab\" spec: failed to generate spec: no command specified"
            ),
            CauseCode::CommandNotFound
        );
        assert_eq!(
            of_start("context deadline exceeded"),
            CauseCode::ContainerStartFailed
        );
    }
}
