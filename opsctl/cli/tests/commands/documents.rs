//! Every command that a document shows in a code block is one that the program takes.

use std::path::{Path, PathBuf};

use clap::Parser;
use clap::error::ErrorKind;
use opsctl_cli::args::Cli;

#[test]
fn every_command_in_the_documents_is_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut seen = 0;
    for document in documents(&root) {
        let text = std::fs::read_to_string(&document).unwrap();
        for command in commands(&text) {
            seen += 1;
            let answer = Cli::try_parse_from(words(&command));
            let fine = answer.as_ref().err().is_none_or(|error| {
                matches!(
                    error.kind(),
                    ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
                )
            });
            assert!(
                fine,
                "{}: {command}: {}",
                document.display(),
                answer.unwrap_err()
            );
        }
    }
    assert!(seen >= 5, "only {seen} commands were found");
}

fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    for folder in ["runbooks", "docs", "docs/decisions"] {
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten();
        let paths = entries.map(|entry| entry.unwrap().path());
        found.extend(paths.filter(|path| path.extension().is_some_and(|kind| kind == "md")));
    }
    found
}

/// The lines of fenced blocks that begin with `opsctl`.
fn commands(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            inside = !inside;
        } else if inside
            && let Some(command) = line.strip_prefix("$ ").or(Some(line))
            && command.starts_with("opsctl ")
        {
            found.push(command.to_owned());
        }
    }
    found
}

/// Words as a shell would part them, without comments, pipes and redirections.
fn words(command: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut quoted: Option<char> = None;
    let mut word = String::new();
    for c in command.chars() {
        match quoted {
            Some(mark) if c == mark => quoted = None,
            Some(_) => word.push(c),
            None if c == '\'' || c == '"' => quoted = Some(c),
            None if c.is_whitespace() => all.push(std::mem::take(&mut word)),
            None => word.push(c),
        }
    }
    all.push(word);
    all.retain(|word| !word.is_empty());
    let end = all
        .iter()
        .position(|word| word == "#" || word == "|" || word == ">" || word == "&&" || word == ";");
    all.truncate(end.unwrap_or(all.len()));
    all
}
