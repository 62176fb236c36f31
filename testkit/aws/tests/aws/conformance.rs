//! README.md says of every action what is reproduced and by which test; this holds it against the code.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};
use testkit_aws::Aws;

/// The rows of the tables, as action and tests.
fn rows(readme: &str) -> Vec<(String, Vec<String>)> {
    let quoted = |cell: &str| -> Vec<String> {
        let odd = cell.split('`').skip(1).step_by(2);
        odd.map(str::to_owned).collect()
    };
    readme
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix("| `")?.split('|').collect();
            let action = cells.first()?.trim().trim_end_matches('`');
            Some((action.to_owned(), quoted(cells.get(2)?)))
        })
        .collect()
}

/// The names of all tests beside this one.
fn tests(folder: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(tests(&path)?);
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let names = text.lines().filter_map(|line| {
            let line = line.trim_start();
            let name = line
                .strip_prefix("async fn ")
                .or(line.strip_prefix("fn "))?;
            Some(name.split('(').next()?.to_owned())
        });
        found.extend(names);
    }
    Ok(found)
}

#[test]
fn every_action_has_a_row_and_every_row_a_test_that_exists() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).context("read README.md")?;
    let (rows, tests) = (rows(&readme), tests(&root.join("tests/aws"))?);
    let told: BTreeSet<&str> = rows.iter().map(|(action, _)| action.as_str()).collect();
    let reproduced = Aws::reproduced();
    let there: BTreeSet<&str> = reproduced
        .iter()
        .flat_map(|(_, actions)| actions.iter().copied())
        .collect();
    assert_eq!(told, there, "the table and the code name other actions");
    for (action, named) in &rows {
        assert!(!named.is_empty(), "{action} has no test");
        for test in named {
            assert!(tests.contains(test), "{action}: no test is called {test}");
        }
    }
    Ok(())
}
