//! Why secrets cannot be read. Never repeats what was read.

#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    #[error("the secrets file {path} cannot be used: {problem}")]
    File { path: String, problem: String },
    #[error("the secrets folder {path} cannot be used: {problem}")]
    Folder { path: String, problem: String },
    #[error("{first} and {second} are both set: a secret has one place")]
    TwoPlaces {
        first: &'static str,
        second: &'static str,
    },
}

impl SecretsError {
    /// What to change; shown with the error.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } => "chmod 600 on the file; it holds one JSON object of strings",
            Self::Folder { .. } => {
                "mount it with defaultMode 0440 (chmod 640 its files); one file a secret, named as its variable"
            }
            Self::TwoPlaces { .. } => "unset one of them",
        }
    }
}
