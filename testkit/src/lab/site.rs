//! What every part's command line is made from.

use std::path::PathBuf;

use super::credentials::Credentials;
use super::ground::Ground;
use super::programs::Programs;

/// The network, the programs and who is who.
#[derive(Debug)]
pub struct Site {
    pub ground: Ground,
    pub programs: Programs,
    pub credentials: Credentials,
    pub folder: PathBuf,
    /// A port of this machine where somebody says who a token is.
    pub tokens: Option<u16>,
}

impl Site {
    /// Where one of the credentials lies.
    pub fn file(&self, name: &str) -> String {
        self.credentials.path(name).display().to_string()
    }
}
