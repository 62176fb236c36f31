//! The registry of environment variables: one list, read here and documented from here.

/// An environment variable that opsctl reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

/// All of them.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "NO_COLOR",
        meaning: "no colours, whatever its value",
    },
    Variable {
        name: "TERM",
        meaning: "`dumb` means neither colours nor moving progress",
    },
    Variable {
        name: "CI",
        meaning: "set in pipelines: nobody is asked, output is plain",
    },
    Variable {
        name: "GITHUB_ACTIONS",
        meaning: "`true` adds annotations to the output",
    },
    Variable {
        name: "GITHUB_SERVER_URL",
        meaning: "with the next two: the job's address",
    },
    Variable {
        name: "GITHUB_REPOSITORY",
        meaning: "the repository of the job",
    },
    Variable {
        name: "GITHUB_RUN_ID",
        meaning: "the run of the job",
    },
    Variable {
        name: "HOME",
        meaning: "where kubectl keeps its kubeconfig: `.kube/config`",
    },
    Variable {
        name: "KUBECONFIG",
        meaning: "where the cluster is, unless --kubeconfig or opsctl.yaml say so",
    },
    Variable {
        name: "USER",
        meaning: "the name that a principal claims",
    },
    Variable {
        name: "PATH",
        meaning: "where PostgreSQL's programs are looked for",
    },
    Variable {
        name: "HOME",
        meaning: "where `docker login` and cargo keep what they know",
    },
    Variable {
        name: "DOCKER_CONFIG",
        meaning: "the folder of docker's config.json, with the passwords of registries",
    },
    Variable {
        name: "CARGO_HOME",
        meaning: "where cargo keeps what it fetched",
    },
    Variable {
        name: "SOURCE_DATE_EPOCH",
        meaning: "the time that an image says it was made, in seconds since 1970; else the commit's",
    },
    Variable {
        name: "PG_BIN",
        meaning: "the folder of PostgreSQL's programs",
    },
    Variable {
        name: "OPSCTL_FAULT",
        meaning: "tests only: `kill-at:<n>`, `pause-at:<n>:<file>` or `count-into:<file>`",
    },
];

/// The value of a variable of the registry; empty counts as absent.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the room that reads the environment"
)]
pub fn read(name: &'static str) -> Option<String> {
    debug_assert!(
        VARIABLES.iter().any(|known| known.name == name),
        "{name} is not registered"
    );
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The value of a variable that `opsctl.yaml` names; empty counts as absent.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the room that reads the environment"
)]
pub fn named(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
