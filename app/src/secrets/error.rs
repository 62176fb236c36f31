//! Why secrets cannot be read. Never repeats what was read.

#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    #[error("the secrets file {path} cannot be used: {problem}")]
    File { path: String, problem: String },
    #[error("the secrets folder {path} cannot be used: {problem}")]
    Folder { path: String, problem: String },
    #[error("{first} and {second} are both set: a secret has one place")]
    TwoPlaces { first: String, second: String },
    #[error("the secret {id} of Secrets Manager cannot be read: {problem}")]
    Manager { id: String, problem: String },
}

impl SecretsError {
    /// What to change; shown with the error.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } => "chmod 600 on the file; it holds one JSON object of strings",
            Self::Folder { .. } => {
                "mount it with defaultMode 0440 (chmod 640 its files); one file a secret, named as its variable"
            }
            Self::Manager { .. } => {
                "the role needs DescribeSecret and GetSecretValue; the secret is one JSON object of strings (runbooks/secrets.md)"
            }
            Self::TwoPlaces { .. } => "unset one of them",
        }
    }
}
