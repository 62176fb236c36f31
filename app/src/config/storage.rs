//! Where documents lie: `STORAGE_DIR` or `STORAGE_BUCKET`; and where the links to them lead: `PUBLIC_URL`.

use std::path::PathBuf;

use super::variables::Variables;
use super::{ConfigError, Environment, Strictness, registry};

/// A place for documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoragePlace {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket of S3, or of a server that speaks like it.
    Bucket(Bucket),
}

/// A bucket, and how it is addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    pub name: String,
    pub addressing: Addressing,
}

/// Where the bucket's name stands in its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// Before the host, as AWS wants it.
    Host,
    /// In the path, as every other server can answer it.
    Path,
}

pub(super) fn read(variables: &Variables<'_>) -> Option<StoragePlace> {
    let folder = variables.text(registry::STORAGE_DIR);
    let bucket = variables.text(registry::STORAGE_BUCKET);
    match (folder, bucket) {
        (None, None) => None,
        (Some(folder), None) => Some(StoragePlace::Folder(folder.into())),
        (None, Some(_)) => bucket_of(variables).map(StoragePlace::Bucket),
        (Some(_), Some(_)) => {
            let problem = "documents lie in STORAGE_DIR or in a bucket, not in both";
            variables.find_invalid(registry::STORAGE_BUCKET, problem);
            None
        }
    }
}

/// Where people reach the service, without a slash at its end. Asked for where there are documents to lead to, outside of
/// development: a link to a process's own address would lead nobody anywhere.
pub(super) fn public_url(
    variables: &Variables<'_>,
    environment: Environment,
    documents: Option<&StoragePlace>,
) -> Option<String> {
    let name = registry::PUBLIC_URL;
    let url = variables.parsed(name, String::new(), |text| {
        let url = text.trim_end_matches('/');
        let rest = ["https://", "http://"]
            .iter()
            .find_map(|own| url.strip_prefix(own));
        let fits = rest.is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .chars()
                    .all(|one| one.is_ascii_alphanumeric() || "-._:/[]".contains(one))
        });
        let problem = format!("{text:?} is no address such as https://app.example.com");
        fits.then(|| url.to_owned())
            .ok_or(ConfigError::Invalid { name, problem })
    });
    if url.is_empty()
        && documents.is_some()
        && environment.strictness() == Strictness::Guarded
        && variables.text(name).is_none()
    {
        variables.find(ConfigError::Missing { name });
    }
    Some(url).filter(|url| !url.is_empty())
}

fn bucket_of(variables: &Variables<'_>) -> Option<Bucket> {
    let name = variables.parsed(registry::STORAGE_BUCKET, String::new(), bucket_name);
    let named = |name: &&str| variables.text(name).is_some();
    let endpoints = [registry::AWS_ENDPOINT, registry::AWS_ENDPOINT_S3];
    let addressing = match endpoints.iter().any(named) {
        true => Addressing::Path,
        false => Addressing::Host,
    };
    Some(Bucket { name, addressing })
}

/// As S3 lets one be called.
fn bucket_name(text: &str) -> Result<String, ConfigError> {
    let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let fits = (3..=63).contains(&text.len())
        && text.starts_with(letter)
        && text.ends_with(letter)
        && text
            .chars()
            .all(|one| letter(one) || matches!(one, '-' | '.'));
    match fits {
        true => Ok(text.to_owned()),
        false => Err(ConfigError::Invalid {
            name: registry::STORAGE_BUCKET,
            problem: format!("{text:?} is no name of a bucket"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Secrets;

    fn found(pairs: &[(&str, &str)]) -> (Option<StoragePlace>, usize) {
        let lookup = |name: &str| {
            let pair = pairs.iter().find(|(own, _)| *own == name);
            pair.map(|(_, value)| (*value).to_owned())
        };
        let secrets = Secrets::default();
        let variables = Variables::new(&lookup, &secrets);
        let place = read(&variables);
        (place, variables.findings().0.len())
    }

    #[test]
    fn links_lead_to_an_address_that_staging_and_production_ask_for() {
        let asked = |url: &str, environment, documents: Option<&StoragePlace>| {
            let lookup = |name: &str| (name == "PUBLIC_URL").then(|| url.to_owned());
            let secrets = Secrets::default();
            let variables = Variables::new(&lookup, &secrets);
            let url = public_url(&variables, environment, documents);
            (url, variables.findings().0.len())
        };
        let folder = StoragePlace::Folder("/x".into());
        let (development, production) = (Environment::Development, Environment::Production);
        let url = Some("https://app.example.com".to_owned());
        assert_eq!(
            asked("https://app.example.com/", production, None),
            (url, 0)
        );
        assert_eq!(asked("", development, Some(&folder)), (None, 0));
        assert_eq!(asked("", production, None), (None, 0));
        assert_eq!(asked("", production, Some(&folder)), (None, 1));
        for wrong in [
            "app.example.com",
            "https://",
            "https://a b",
            "ftp://a",
            "https://a?b",
        ] {
            assert_eq!(
                asked(wrong, production, Some(&folder)),
                (None, 1),
                "{wrong}"
            );
        }
    }

    #[test]
    fn documents_lie_in_one_place_and_an_endpoint_of_ones_own_is_asked_by_path() {
        let bucket = |addressing| {
            let name = "my-reports".to_owned();
            (Some(StoragePlace::Bucket(Bucket { name, addressing })), 0)
        };
        let named = ("STORAGE_BUCKET", "my-reports");
        assert_eq!(found(&[]), (None, 0));
        assert_eq!(found(&[named]), bucket(Addressing::Host));
        for endpoint in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] {
            let own = (endpoint, "https://s3.example");
            assert_eq!(found(&[named, own]), bucket(Addressing::Path));
        }
        assert_eq!(found(&[named, ("STORAGE_DIR", "/x")]).1, 1);
        for wrong in ["ab", "Reports", "a_b_c", "-abc", "abc.", "../abc"] {
            assert_eq!(found(&[("STORAGE_BUCKET", wrong)]).1, 1, "{wrong}");
        }
    }
}
