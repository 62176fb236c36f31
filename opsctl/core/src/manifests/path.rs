//! Paths as a kustomization writes them: relative, parted by `/`.

/// The path that `relative` means to a file in `folder`; None when it leaves the root, or begins at one.
pub fn join(folder: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Whether a file lies in the folder or below.
pub fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_walked_from_its_folder_and_never_leaves_the_root() {
        let joined = |relative| join("k8s/overlays/local", relative);
        assert_eq!(joined("../../base").as_deref(), Some("k8s/base"));
        assert_eq!(
            joined("./a.yaml").as_deref(),
            Some("k8s/overlays/local/a.yaml")
        );
        assert_eq!(joined("../../../../etc"), None);
        assert_eq!(joined("/etc/passwd"), None);
    }

    #[test]
    fn a_neighbour_with_a_longer_name_is_not_below() {
        assert!(is_below("k8s/base/a.yaml", "k8s/base"));
        assert!(!is_below("k8s/base-2/a.yaml", "k8s/base"));
        assert!(is_below("a.yaml", ""));
    }
}
