//! One image by name: its repository, and its tag, its digest or both.

use std::fmt;
use std::str::FromStr;

use super::{Digest, Repository, Tag};
use crate::failure::{Failure, Result};

/// `repository[:tag][@digest]`. A digest says what is meant whatever the tag says later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageReference {
    /// Where it is kept.
    pub repository: Repository,
    /// The tag that was written.
    pub tag: Option<Tag>,
    /// The content that was written.
    pub digest: Option<Digest>,
}

/// The name of a manifest in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestName {
    /// Whatever the tag names at the moment.
    Tag(Tag),
    /// That content and no other.
    Digest(Digest),
}

impl ImageReference {
    /// A tag of a repository.
    #[must_use]
    pub const fn tagged(repository: Repository, tag: Tag) -> Self {
        Self {
            repository,
            tag: Some(tag),
            digest: None,
        }
    }

    /// Content of a repository.
    #[must_use]
    pub const fn exact(repository: Repository, digest: Digest) -> Self {
        Self {
            repository,
            tag: None,
            digest: Some(digest),
        }
    }

    /// What a short name means beside a repository: `v1.2.3` and `sha256:…` are of that repository, all else is a
    /// reference of its own.
    ///
    /// # Errors
    /// When it is neither, or a short name without a repository.
    pub fn beside(repository: Option<&Repository>, text: &str) -> Result<Self> {
        let of = || {
            repository.cloned().ok_or_else(|| {
                Failure::usage(format!("'{text}' is of which repository?")).hint(
                    "add --repository <registry>/<path>, or set images.repository in opsctl.yaml",
                )
            })
        };
        if text.starts_with("sha256:") {
            return Ok(Self::exact(of()?, text.parse()?));
        }
        match text.contains('/') {
            true => text.parse(),
            false => Ok(Self::tagged(of()?, text.parse()?)),
        }
    }

    /// The manifest that it means: by digest where there is one, else by tag, else by the tag `latest`.
    ///
    /// # Errors
    /// Never: `latest` is a tag.
    pub fn manifest(&self) -> Result<ManifestName> {
        Ok(match (&self.digest, &self.tag) {
            (Some(digest), _) => ManifestName::Digest(digest.clone()),
            (None, Some(tag)) => ManifestName::Tag(tag.clone()),
            (None, None) => ManifestName::Tag(Tag::LATEST.parse()?),
        })
    }
}

impl FromStr for ImageReference {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse()?)),
            None => (text, None),
        };
        // A colon before the last slash belongs to the registry's port.
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        let (repository, tag) = match name[last..].find(':') {
            Some(colon) => (
                &name[..last + colon],
                Some(name[last + colon + 1..].parse()?),
            ),
            None => (name, None),
        };
        Ok(Self {
            repository: repository.parse()?,
            tag,
            digest,
        })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.repository.fmt(f)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

impl serde::Serialize for ImageReference {
    fn serialize<S: serde::Serializer>(&self, into: S) -> std::result::Result<S::Ok, S::Error> {
        into.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for ImageReference {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for ManifestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SUM: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn every_form_of_a_reference_is_read_and_written_back() {
        for (text, written) in [
            ("app", "docker.io/library/app"),
            ("app:v1.2.3", "docker.io/library/app:v1.2.3"),
            ("localhost:5000/app", "localhost:5000/app"),
            ("localhost:5000/app:latest", "localhost:5000/app:latest"),
            ("example.com/team/app:v1.2.3", "example.com/team/app:v1.2.3"),
        ] {
            let parsed: ImageReference = text.parse().unwrap();
            assert_eq!(parsed.to_string(), written);
            let exact: ImageReference = format!("{text}@{SUM}").parse().unwrap();
            assert_eq!(exact.to_string(), format!("{written}@{SUM}"));
            assert_eq!(
                exact.manifest().unwrap(),
                ManifestName::Digest(SUM.parse().unwrap())
            );
        }
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for bad in [
            "",
            ":v1",
            "app:",
            "app@",
            "app@sha256:12",
            "app:a:b",
            "app:v1@x@y",
            "a b:c",
            "https://example.com/app",
        ] {
            assert!(
                bad.parse::<ImageReference>().is_err(),
                "{bad:?} was accepted"
            );
        }
    }

    #[test]
    fn a_short_name_is_of_the_repository_that_is_named_beside_it() {
        let repository: Repository = "localhost:5000/app".parse().unwrap();
        let meant =
            |text: &str| ImageReference::beside(Some(&repository), text).map(|it| it.to_string());
        assert_eq!(meant("v1.2.3").unwrap(), "localhost:5000/app:v1.2.3");
        assert_eq!(meant(SUM).unwrap(), format!("localhost:5000/app@{SUM}"));
        assert_eq!(meant("other.io/x:v1.0.0").unwrap(), "other.io/x:v1.0.0");
        let failure = ImageReference::beside(None, "v1.2.3").unwrap_err();
        assert!(failure.hints[0].contains("--repository"), "{failure}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic_and_what_is_read_is_read_again(text in ".{0,60}") {
            if let Ok(parsed) = text.parse::<ImageReference>() {
                let again: ImageReference = parsed.to_string().parse().unwrap();
                prop_assert_eq!(parsed, again);
            }
        }
    }
}
