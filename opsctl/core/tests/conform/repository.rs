//! This repository, line by line, whole and broken.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use opsctl_core::conform::{
    Line, Outcome, Specification, Trial, Verdict, offline, page, prove, read,
};
use opsctl_core::manifests::{Entry, Files};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn specification() -> Specification {
    read(&Repository::default()).unwrap()
}

/// This repository, but for some files.
#[derive(Default)]
struct Repository(BTreeMap<String, String>);

impl Files for Repository {
    fn at(&self, path: &str) -> opsctl_core::Result<Entry> {
        let place = root().join(path);
        Ok(match self.0.get(path) {
            Some(text) => Entry::File(text.clone()),
            None if place.is_dir() => Entry::Folder,
            None => std::fs::read_to_string(place).map_or(Entry::Absent, Entry::File),
        })
    }
}

/// The repository with one file changed: the lines that are broken.
fn broken_by(path: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    assert!(text.contains(from), "{path} has no '{from}'");
    let changed = Repository([(path.to_owned(), text.replace(from, to))].into());
    let reports = offline(&changed, &specification());
    let bad = reports
        .into_iter()
        .filter(|line| line.verdict > Verdict::Planned);
    bad.map(|line| {
        let answer = line
            .answers
            .iter()
            .max_by_key(|answer| answer.verdict)
            .unwrap();
        (
            line.id.clone(),
            format!("expected {}, is {}", answer.expected, answer.actual),
        )
    })
    .collect()
}

#[test]
fn every_line_of_the_specification_is_there_and_none_is_broken() {
    let specification = specification();
    // As many as the specification has promises, template and examples alike.
    assert_eq!(specification.lines().count(), 205);
    let reports = offline(&Repository::default(), &specification);
    let bad: Vec<_> = reports
        .iter()
        .filter(|line| line.verdict > Verdict::Planned)
        .map(|line| (&line.id, &line.answers))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn whatever_terraform_promises_is_asked_of_aws() {
    let specification = specification();
    let asks = |line: &&Line| line.live.iter().any(|check| check.look.kind() == "aws");
    let written = |line: &&Line| line.offline.iter().any(|it| it.kind() == "terraform");
    let lines = specification.lines().filter(written);
    let left: Vec<&str> = lines
        .filter(|line| !asks(line))
        .map(|line| line.id.as_str())
        .collect();
    assert!(left.is_empty(), "nobody asks AWS for these: {left:?}");
}

#[test]
fn every_check_turns_its_line_red_and_no_other_when_what_it_looks_at_is_broken() {
    let specification = specification();
    let trials = prove(&Repository::default(), &specification).unwrap();
    let bad: Vec<&Trial> = trials
        .iter()
        .filter(|trial| trial.outcome != Outcome::Caught)
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    let checks: usize = specification.lines().map(|line| line.offline.len()).sum();
    assert!(trials.len() >= checks, "{} of {checks}", trials.len());
}

#[test]
fn a_manifest_without_limits_breaks_the_line_about_memory() {
    let broken = broken_by(
        "k8s/base/api.yaml",
        "            limits:\n              memory: 1Gi\n",
        "",
    );
    assert_eq!(
        broken,
        [(
            "api.memory".to_owned(),
            "expected 1Gi, is not there".to_owned()
        )]
    );
}

#[test]
fn a_terraform_variable_out_of_range_breaks_its_line() {
    let broken = broken_by(
        "infra/terraform/environments/production/main.tf",
        "replicas       = 1",
        "replicas       = 0",
    );
    assert_eq!(
        broken,
        [(
            "database.replica".to_owned(),
            "expected at least 1, is 0".to_owned()
        )]
    );
}

#[test]
fn terraform_that_cannot_be_read_is_unknown_and_says_in_which_line() {
    let broken = broken_by(
        "infra/terraform/modules/shield/main.tf",
        "resource",
        "resource {",
    );
    assert!(broken.is_empty(), "nothing looks there");
    let broken = broken_by(
        "infra/terraform/modules/waf/main.tf",
        "resource_arn = var",
        "resource_arn = = var",
    );
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(
        broken[0].1.contains("infra/terraform/modules/waf/main.tf:"),
        "{broken:?}"
    );
}

#[test]
fn the_filled_in_specification_links_every_line_to_its_proof() {
    let specification = specification();
    let page = page(&specification);
    for line in specification.lines() {
        assert!(
            page.contains(&format!("<a id=\"{}\">", line.id)),
            "{}",
            line.id
        );
    }
    for link in page.split("](../").skip(1) {
        let path = link.split(')').next().unwrap();
        assert!(root().join(path).exists(), "{path}");
    }
    assert_eq!(page.matches("sequenceDiagram").count(), 4);
    assert_eq!(page.matches("erDiagram").count(), 3);
}
