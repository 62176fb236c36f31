//! The components as the specification's template asks for them.

/// The file of components.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Components {
    /// Each of them.
    pub components: Vec<Component>,
}

/// One component.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its id in diagrams.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub purpose: String,
    /// What it is not responsible for.
    pub not: String,
    /// Framework, language, version.
    pub technology: String,
    /// Why that.
    pub rationale: String,
    /// How it grows.
    pub scaling: String,
    /// What happens when it fails.
    pub failure: String,
    /// What to watch.
    pub monitoring: String,
    /// Whom it speaks to, and how.
    #[serde(default)]
    pub speaks_to: Vec<Way>,
    /// The lines that prove what is said here.
    pub proofs: Vec<String>,
}

/// A way from one component to another.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// The id of the other.
    pub to: String,
    /// What goes there.
    pub by: String,
}
