//! What is known of an environment variable.

/// One environment variable.
#[derive(Debug)]
pub struct Variable {
    pub name: &'static str,
    /// What holds when it is not set; empty where there is no default.
    pub default: &'static str,
    pub meaning: &'static str,
    pub kind: Kind,
}

/// How a value has to be treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// Never in the environment of staging and production; picked up while running.
    Secret,
    /// The way to another server: in staging and production it begins with one of these.
    Encrypted(&'static [&'static str]),
}

impl Variable {
    pub const fn secret(mut self) -> Self {
        self.kind = Kind::Secret;
        self
    }

    /// For the address of another server. One that carries a credential is `secret`, and judged where it is parsed.
    pub const fn encrypted(mut self, beginnings: &'static [&'static str]) -> Self {
        self.kind = Kind::Encrypted(beginnings);
        self
    }
}

/// A plain one.
pub const fn variable(
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Variable {
    Variable {
        name,
        default,
        meaning,
        kind: Kind::Plain,
    }
}
