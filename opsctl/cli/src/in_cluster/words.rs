//! Which words of the command line go along to the cluster.

use opsctl_core::{Failure, Result};

/// Flags that mean something on this machine alone, each with a value.
const STAY: [&str; 4] = ["--runner", "--config", "--kubeconfig", "--color"];
/// Flags that name files of this machine: a Job has none of them.
const FILES: [&str; 3] = ["--plan", "--plan-out", "--json-into"];

/// The words of a command without those that stay here.
///
/// # Errors
/// When a file of this machine is named.
pub fn that_go_along(all: impl Iterator<Item = String>) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut all = all;
    while let Some(word) = all.next() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (word.as_str(), None),
        };
        if FILES.contains(&flag) {
            return Err(
                Failure::usage(format!("{flag} names a file of this machine"))
                    .cause("with --runner cluster the command runs on another one")
                    .hint(format!(
                        "leave {flag} away: --dry-run shows the plan, --output json writes events"
                    )),
            );
        }
        match STAY.contains(&flag) {
            true if value.is_none() => drop(all.next()),
            true => {}
            false => words.push(word),
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Result<Vec<String>> {
        that_go_along(words.iter().map(|&word| word.to_owned()))
    }

    #[test]
    fn what_is_of_this_machine_stays_and_the_rest_goes_along_in_its_order() {
        let all = [
            "--env",
            "production",
            "--runner=cluster",
            "--config",
            "x.yaml",
            "backup",
            "create",
            "--yes",
        ];
        assert_eq!(
            of(&all),
            Ok(["--env", "production", "backup", "create", "--yes"]
                .map(str::to_owned)
                .to_vec())
        );
        assert_eq!(
            of(&["doctor", "--runner", "cluster"]),
            Ok(vec!["doctor".into()])
        );
    }

    #[test]
    fn a_file_of_this_machine_is_refused() {
        let refused = of(&["--plan=plan.json"]).expect_err("a file");
        assert!(
            refused.what.contains("--plan names a file of this machine"),
            "{refused}"
        );
    }
}
