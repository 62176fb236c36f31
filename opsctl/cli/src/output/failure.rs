//! A failure for people: what failed, why, what is left behind, what to run.

use opsctl_core::Failure;

use super::style::{ERROR, HINT, paint};

/// The lines of a failure.
#[must_use]
pub fn render(failure: &Failure, colors: bool) -> String {
    let mut text = format!("{} {}\n", paint(colors, ERROR, "error:"), failure.what);
    for cause in &failure.causes {
        text.push_str(&format!("  caused by: {cause}\n"));
    }
    if let Some(state) = &failure.left_behind {
        text.push_str(&format!("  left behind: {state}\n"));
    }
    if !failure.hints.is_empty() || failure.runbook.is_some() {
        text.push('\n');
    }
    for hint in &failure.hints {
        text.push_str(&format!("{} {hint}\n", paint(colors, HINT, "hint:")));
    }
    if let Some(runbook) = &failure.runbook {
        let line = runbook_line(runbook);
        let rest = line.strip_prefix("runbook:").unwrap_or(&line);
        text.push_str(&format!("{}{rest}\n", paint(colors, HINT, "runbook:")));
    }
    text
}

/// Where the runbook stands, and the command that shows it where there is no repository.
#[must_use]
pub fn runbook_line(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    match file.strip_suffix(".md") {
        Some(name) => format!("runbook: {path} (opsctl runbook {name})"),
        None => format!("runbook: {path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_from_what_to_what_to_run() {
        let failure = Failure::failed("step 'fetch' of restore-1")
            .cause("no space left on device")
            .left("the scratch folder is half full; nothing serves from it")
            .hint("opsctl operation resume restore-1")
            .runbook("runbooks/restore.md");
        insta::assert_snapshot!(render(&failure, false), @r"
        error: step 'fetch' of restore-1
          caused by: no space left on device
          left behind: the scratch folder is half full; nothing serves from it

        hint: opsctl operation resume restore-1
        runbook: runbooks/restore.md (opsctl runbook restore)
        ");
    }
}
