//! The kinds of checks and their fields, as data. A test holds them against what the reader takes.

/// A kind of check.
pub struct Kind {
    pub name: &'static str,
    /// Fields that have to be there.
    pub must: &'static [Field],
    pub may: &'static [Field],
}

/// A field's name, and what may stand in it.
pub type Field = (&'static str, Shape);

/// What may stand in a field.
#[derive(Debug)]
pub enum Shape {
    Text,
    Count,
    /// Texts by name.
    Texts,
    /// One of these.
    Word(&'static [&'static str]),
}

use Shape::{Count, Text, Texts, Word};

const fn kind(name: &'static str, must: &'static [Field]) -> Kind {
    Kind {
        name,
        must,
        may: &[],
    }
}

/// Of the repository.
pub const OFFLINE: &[Kind] = &[
    kind(
        "terraform",
        &[("file", Text), ("block", Text), ("attribute", Text)],
    ),
    kind(
        "manifest",
        &[("overlay", Text), ("object", Text), ("field", Text)],
    ),
    kind("alert", &[("file", Text), ("name", Text), ("field", Text)]),
    kind("text", &[("file", Text)]),
    Kind {
        name: "variable",
        must: &[("name", Text)],
        may: &[("column", Word(&["default", "meaning"]))],
    },
    kind("contract", &[("at", Text)]),
    kind("document", &[("file", Text), ("at", Text)]),
    kind("test", &[("file", Text), ("name", Text)]),
    kind("promise", &[("name", Word(PROMISES))]),
];

const PROMISES: &[&str] = &[
    "rto",
    "rpo",
    "retention",
    "restore_drill",
    "failover_drill",
    "secret_rotation",
    "api_key_rotation",
];

/// Of the world.
pub const LIVE: &[Kind] = &[
    kind("kubernetes", &[("object", Text), ("field", Text)]),
    Kind {
        name: "http",
        must: &[("path", Text)],
        may: &[
            ("method", Text),
            ("send", Texts),
            ("body_bytes", Count),
            ("header", Text),
            ("json", Text),
        ],
    },
    kind("tls", &[("version", Word(&["1.0", "1.1", "1.2"]))]),
    kind("setting", &[("name", Text)]),
    Kind {
        name: "evidence",
        must: &[("drill", Text), ("fresh", Text)],
        may: &[
            ("kind", Text),
            ("measure", Word(&["passed", "rto", "rpo", "integrity"])),
        ],
    },
    kind("aws", &[("asset", Text), ("field", Text)]),
];
