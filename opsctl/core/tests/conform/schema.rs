//! The list beside its JSON Schema: what stands here is valid by it, what is written wrong is not.

use std::path::{Path, PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use opsctl_core::conform::schema;
use serde_json::Value;

struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let place = "conformance.schema.json";
        compiler.add_resource(place, schema()).unwrap();
        let index = compiler.compile(place, &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn fault(&self, text: &str) -> Option<String> {
        let document: Value = serde_yaml::from_str(text).unwrap();
        let judged = self.schemas.validate(&document, self.index);
        judged.err().map(|fault| fault.to_string())
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_list_and_every_chapter_are_valid_by_the_schema() {
    let judge = Judge::new();
    let folder = std::fs::read_dir(root().join("conformance")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.push(root().join("conformance.yaml"));
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(judge.fault(&text), None, "{}", file.display());
    }
}

#[test]
fn what_is_written_wrong_is_not() {
    let judge = Judge::new();
    let good = "lines:\n- {id: a, at: 1, section: A, text: It holds, offline: [text: {file: a.txt, has: word}], \
                live: [aws: {asset: database, field: /engine, is: postgres}]}\n";
    assert_eq!(judge.fault(good), None);
    for (from, to) in [
        ("id: a, ", ""),
        ("at: 1", "at: one"),
        ("at: 1", "at: 0"),
        ("section: A", "section: ''"),
        ("text: It holds", "text: It holds, txet: It holds"),
        ("text: {file", "tekst: {file"),
        ("file: a.txt, ", ""),
        ("has: word", "has: word, lacks: words"),
        ("has: word", "at_least: many"),
        ("asset: database, ", ""),
        ("live: [aws", "live: [terraform"),
        ("lines:", "rows:"),
    ] {
        assert!(good.contains(from));
        let broken = good.replace(from, to);
        assert!(judge.fault(&broken).is_some(), "{broken}");
    }
}
