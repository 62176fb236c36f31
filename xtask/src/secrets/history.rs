//! Every object that any reference of the repository reaches: what was deleted is still published.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};

use super::{Finding, rules::Scanner};
use crate::{checkout::Checkout, machine::child};

/// What is found in the history, and how many objects were read.
pub fn findings(checkout: &Checkout, scanner: &Scanner) -> Result<(BTreeSet<Finding>, usize)> {
    let shallow = child::output(&mut checkout.git(["rev-parse", "--is-shallow-repository"]))?;
    ensure!(
        shallow.trim_ascii() == b"false",
        "the clone is shallow, so its history can't be checked: run `git fetch --unshallow`"
    );
    let objects = objects(checkout)?;
    let mut findings = BTreeSet::new();
    let count = read_files(checkout, &objects, |id, content| {
        let path = objects.get(id).map_or("", String::as_str);
        for hit in scanner.hits(content) {
            let short = id.get(..12).unwrap_or(id);
            findings.insert(hit.at(format!("{path}:{} in object {short}", hit.line)));
        }
    })?;
    Ok((findings, count))
}

/// Every object with the path it was first met under.
fn objects(checkout: &Checkout) -> Result<BTreeMap<String, String>> {
    let list = child::output(&mut checkout.git(["rev-list", "--objects", "--all", "HEAD"]))?;
    let list = String::from_utf8_lossy(&list);
    let object = |line: &str| {
        let (id, path) = line.split_once(' ').unwrap_or((line, ""));
        (id.to_owned(), path.to_owned())
    };
    Ok(list.lines().map(object).collect())
}

/// Hands every object that is a file, or a commit's message, to `look`; returns how many there were.
fn read_files(
    checkout: &Checkout,
    objects: &BTreeMap<String, String>,
    mut look: impl FnMut(&str, &[u8]),
) -> Result<usize> {
    let mut git = checkout
        .git(["cat-file", "--batch", "--buffer"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start git cat-file")?;
    let mut asking = git.stdin.take().context("git has no stdin")?;
    let mut answers = BufReader::new(git.stdout.take().context("git has no stdout")?);
    let mut count = 0;
    std::thread::scope(|scope| -> Result<()> {
        // Asking and reading side by side: a pipe holds less than the list.
        let asked = scope.spawn(move || objects.keys().try_for_each(|id| writeln!(asking, "{id}")));
        while let Some((id, kind, content)) = next_object(&mut answers)? {
            if kind != "tree" {
                look(&id, &content);
                count += 1;
            }
        }
        asked.join().ok().context("git stopped listening")??;
        Ok(())
    })?;
    ensure!(git.wait()?.success(), "git cat-file failed");
    Ok(count)
}

/// Reads `<id> <kind> <length>\n<content>\n`; `None` at the end.
fn next_object(answers: &mut impl BufRead) -> Result<Option<(String, String, Vec<u8>)>> {
    let mut header = String::new();
    if answers.read_line(&mut header)? == 0 {
        return Ok(None);
    }
    let words: Vec<&str> = header.split_whitespace().collect();
    let [id, kind, length] = words[..] else {
        anyhow::bail!("git says: {}", header.trim_end());
    };
    let mut content = vec![0; length.parse::<usize>()?];
    answers.read_exact(&mut content)?;
    answers.read_exact(&mut [0; 1])?;
    Ok(Some((id.to_owned(), kind.to_owned(), content)))
}
