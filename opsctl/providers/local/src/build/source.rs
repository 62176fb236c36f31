//! What git says of the source: the commit, when it was made, whether the tree is that commit.

use std::path::Path;
use std::process::Command;

use opsctl_core::clock::Timestamp;
use opsctl_core::{Failure, Result};
use time::OffsetDateTime;

/// A checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The commit; with `-dirty` where the tree has changes.
    pub revision: String,
    /// When it was made.
    pub committed_at: Timestamp,
    /// Where others find it, where there is such a place.
    pub address: Option<String>,
}

/// Asks git about the checkout that holds `folder`.
///
/// # Errors
/// When it is none, or git is missing.
pub fn source(folder: &Path) -> Result<Source> {
    let revision = git(folder, &["rev-parse", "HEAD"])?;
    let seconds = git(folder, &["log", "-1", "--format=%ct"])?;
    let changes = git(folder, &["status", "--porcelain"])?;
    let dirty = if changes.is_empty() { "" } else { "-dirty" };
    let committed_at = seconds
        .parse()
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .ok_or_else(|| Failure::failed(format!("git says that HEAD was made at '{seconds}'")))?;
    // Nobody has to publish a checkout.
    let address = git(folder, &["config", "--get", "remote.origin.url"]).ok();
    Ok(Source {
        revision: format!("{revision}{dirty}"),
        committed_at: Timestamp(committed_at),
        address: address.as_deref().and_then(published),
    })
}

fn git(folder: &Path, words: &[&str]) -> Result<String> {
    let trouble = || {
        let shown = folder.display();
        Failure::usage(format!("git can't tell what is in {shown}"))
            .hint("an image is built from a git checkout, so that its source can be found again")
    };
    let mut git = Command::new("git");
    let output = git.arg("-C").arg(folder).args(words).output();
    let output = output.map_err(|error| trouble().because(error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(trouble().cause(said.trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// An address for a label: without whoever logged in there, and none of this machine.
fn published(remote: &str) -> Option<String> {
    let (scheme, rest) = remote.split_once("://")?;
    if !matches!(scheme, "https" | "http" | "ssh" | "git") {
        return None;
    }
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = host.rsplit('@').next().unwrap_or(host);
    let path = path.strip_suffix(".git").unwrap_or(path);
    Some(format!("https://{host}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_published_without_whoever_logged_in_there() {
        for (remote, address) in [
            (
                "https://example.com/a/b.git",
                Some("https://example.com/a/b"),
            ),
            (
                "https://user:token@example.com/a",
                Some("https://example.com/a"),
            ),
            ("ssh://git@example.com/a.git", Some("https://example.com/a")),
            ("/srv/git/a", None),
            ("../a", None),
            ("file:///srv/git/a", None),
        ] {
            assert_eq!(published(remote).as_deref(), address, "{remote}");
        }
    }

    #[test]
    fn a_folder_that_is_no_checkout_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let failure = source(folder.path()).unwrap_err();
        assert!(failure.what.contains("git"), "{failure}");
        assert!(!failure.hints.is_empty());
    }

    #[test]
    fn a_checkout_tells_its_commit_and_whether_it_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let run = |words: &[&str]| git(folder.path(), words).unwrap();
        run(&["init", "--quiet"]);
        std::fs::write(folder.path().join("file"), "one").unwrap();
        run(&["add", "file"]);
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
        run(&[&who[..], &["commit", "--quiet", "--message", "one"]].concat());
        let clean = source(folder.path()).unwrap();
        assert_eq!(clean.revision.len(), 40);
        assert_eq!(clean.address, None);
        std::fs::write(folder.path().join("file"), "two").unwrap();
        let dirty = source(folder.path()).unwrap();
        assert_eq!(dirty.revision, format!("{}-dirty", clean.revision));
    }
}
