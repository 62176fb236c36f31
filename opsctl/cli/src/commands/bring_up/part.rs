//! The parts, in the order in which they lean on one another.

/// What is looked at, because only a person can make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// That AWS answers, as the account that is meant.
    Account,
    /// That the state has a place.
    State,
    /// That Terraform's names are where manifests look for them.
    Outputs,
    /// That the instance and the password of its master user are there.
    Database,
    /// That the version's image is in the registry.
    Image,
    /// Whether evidence of this environment counts.
    Evidence,
}

/// How a part comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// By a person.
    Look(Look),
    /// By this command. Run again it finds its work done; a backup is taken once more.
    Run(&'static [&'static str]),
}

/// A part of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// How it comes about.
    pub kind: Kind,
    /// Whether it speaks to the database.
    pub needs_sql: bool,
}

/// All of them.
pub const PARTS: [Part; 10] = [
    look("the account", Look::Account),
    look("a place for the state", Look::State),
    look("Terraform's names", Look::Outputs),
    look("the database's instance", Look::Database),
    with_sql("roles, logins and schema", &["migrate", "up"]),
    with_sql("first versions of all secrets", &["secrets", "init"]),
    look("the image", Look::Image),
    here("the service", &["deploy", "<version>"]),
    with_sql("a first backup", &["backup", "create"]),
    look("evidence that counts", Look::Evidence),
];

const fn look(name: &'static str, look: Look) -> Part {
    Part {
        name,
        kind: Kind::Look(look),
        needs_sql: false,
    }
}

const fn with_sql(name: &'static str, words: &'static [&'static str]) -> Part {
    Part {
        name,
        kind: Kind::Run(words),
        needs_sql: true,
    }
}

const fn here(name: &'static str, words: &'static [&'static str]) -> Part {
    Part {
        name,
        kind: Kind::Run(words),
        needs_sql: false,
    }
}
