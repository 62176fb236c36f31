//! AWS's own configuration files, by which every tool finds the rehearsal: addresses in one, keys in the other.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::account::{Furnished, HOME, NAME};
use crate::Keys;

/// What this machine calls itself.
const LOOPBACK: &str = "127.0.0.1";

/// The two files.
#[derive(Debug)]
pub struct Files {
    config: PathBuf,
    credentials: PathBuf,
}

impl Files {
    /// Writes them into a folder; the keys are of this run alone.
    ///
    /// # Errors
    /// When they can't be written.
    pub fn write(folder: &Path, account: &Furnished) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let staging = format!("{NAME}-staging");
        let profiles = [
            (NAME, &account.aws.account().keys),
            (staging.as_str(), &account.staging.keys),
        ];
        let this = Self {
            config: folder.join("config"),
            credentials: folder.join("credentials"),
        };
        let texts = Texts::of(account, &profiles, LOOPBACK);
        write(&this.config, &texts.config)?;
        write(&this.credentials, &texts.credentials)?;
        Ok(this)
    }

    /// The variables by which AWS's tools find the files.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, &Path); 2] {
        [
            ("AWS_CONFIG_FILE", &self.config),
            ("AWS_SHARED_CREDENTIALS_FILE", &self.credentials),
        ]
    }

    /// What a shell is told.
    pub fn exports(&self) -> impl Iterator<Item = String> {
        let profile = format!("export AWS_PROFILE={NAME}");
        let files = self
            .variables()
            .map(|(name, file)| format!("export {name}='{}'", file.display()));
        files.into_iter().chain([profile])
    }

    /// The keys open nothing any more.
    pub fn remove(&self) {
        for (_, file) in self.variables() {
            let _absent = fs::remove_file(file);
        }
    }
}

/// What stands in the two files.
#[derive(Debug)]
pub(super) struct Texts {
    pub config: String,
    pub credentials: String,
}

impl Texts {
    /// Of these profiles, for whoever calls this machine so.
    pub fn of(account: &Furnished, profiles: &[(&str, &Keys)], machine: &str) -> Self {
        let urls = [account.aws.url(), account.s3.url()];
        let [aws, s3] = urls.map(|url| url.replace(LOOPBACK, machine));
        let config: String = profiles
            .iter()
            .map(|(name, _)| profile(name, &aws))
            .collect();
        let s3 = format!("[services {NAME}]\ns3 =\n  endpoint_url = {s3}\n");
        Self {
            config: config + &s3,
            credentials: profiles.iter().copied().map(keys).collect(),
        }
    }
}

fn profile(name: &str, aws: &str) -> String {
    format!("[profile {name}]\nregion = {HOME}\nendpoint_url = {aws}\nservices = {NAME}\n\n")
}

fn keys((name, keys): (&str, &Keys)) -> String {
    let (id, secret) = (&keys.access_key_id, &keys.secret_access_key);
    format!("[{name}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n\n")
}

/// Closed to others.
fn write(file: &Path, text: &str) -> Result<()> {
    let _earlier = fs::remove_file(file);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    Ok(file.write_all(text.as_bytes())?)
}
