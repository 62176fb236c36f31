//! One question to a registry, and its answer.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use opsctl_core::image::Repository;
use opsctl_core::ports::RegistryError;

/// What a token has to be good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    Pull,
    Push,
}

/// What may be done when nobody knows whether a question was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// It may be asked again: the second time does no harm.
    Freely,
    /// Only when it was turned away before anything was done.
    WhenTurnedAway,
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    pub repository: &'a Repository,
    pub method: Method,
    pub address: String,
    pub headers: Vec<(HeaderName, String)>,
    pub body: Bytes,
    pub right: Right,
    pub repeats: Repeats,
    /// Bytes of an answer.
    pub longest: usize,
    /// A repository of the same registry that is read on the way.
    pub beside: Option<&'a Repository>,
}

/// Manifests and lists stay below this in every registry.
const LONGEST: usize = 4 << 20;

impl<'a> Question<'a> {
    /// A read.
    pub fn read(repository: &'a Repository, method: Method, address: String) -> Self {
        Self {
            repository,
            method,
            address,
            headers: Vec::new(),
            body: Bytes::new(),
            right: Right::Pull,
            repeats: Repeats::Freely,
            longest: LONGEST,
            beside: None,
        }
    }

    /// A write.
    pub fn write(repository: &'a Repository, method: Method, address: String) -> Self {
        Self {
            right: Right::Push,
            ..Self::read(repository, method, address)
        }
    }

    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// What tokens are asked for, as registries write it.
    pub fn scope(&self) -> String {
        let rights = match self.right {
            Right::Pull => "pull",
            Right::Push => "pull,push",
        };
        let own = format!("repository:{}:{rights}", self.repository.path());
        match self.beside {
            Some(other) => format!("{own} repository:{}:pull", other.path()),
            None => own,
        }
    }

    /// What is asked, for whoever reads an error.
    pub fn what(&self) -> String {
        let address = self.address.split('?').next().unwrap_or(&self.address);
        format!("{} {address}", self.method)
    }

    pub fn request(
        &self,
        authorization: Option<&str>,
    ) -> Result<Request<Full<Bytes>>, RegistryError> {
        let broken = |why: String| RegistryError::Local {
            what: format!("{} can't be asked", self.what()),
            why,
        };
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.address);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(authorization) = authorization {
            let mut value =
                HeaderValue::from_str(authorization).map_err(|error| broken(error.to_string()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let body = Full::new(self.body.clone());
        request
            .body(body)
            .map_err(|error| broken(error.to_string()))
    }
}

/// An answer that was read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What a registry says of an error: `{"errors":[{"code":…,"message":…}]}`, or the beginning of whatever it sent.
    pub fn why(&self) -> String {
        let document: Option<serde_json::Value> = serde_json::from_slice(&self.body).ok();
        let errors = document.as_ref().and_then(|it| it["errors"].as_array());
        let told: Vec<String> = errors
            .into_iter()
            .flatten()
            .map(|error| {
                let part = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
                format!("{} {}", part("code"), part("message"))
                    .trim()
                    .to_owned()
            })
            .collect();
        match told.is_empty() {
            false => told.join("; "),
            true => String::from_utf8_lossy(&self.body)
                .chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect(),
        }
    }

    /// Passes an answer of one of these, makes an error of any other.
    pub fn expect(
        self,
        question: &Question<'_>,
        statuses: &[StatusCode],
    ) -> Result<Self, RegistryError> {
        if statuses.contains(&self.status) {
            return Ok(self);
        }
        let registry = question.repository.registry().to_owned();
        let why = self.why();
        Err(match self.status {
            StatusCode::NOT_FOUND => RegistryError::NotFound(question.what()),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                RegistryError::Unauthorised { registry, why }
            }
            status => RegistryError::Refused {
                registry,
                what: question.what(),
                status: status.as_u16(),
                why,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer {
            status: StatusCode::BAD_REQUEST,
            headers: HeaderMap::new(),
            body: Bytes::from(body.to_owned()),
        }
    }

    #[test]
    fn a_registry_s_own_words_are_told() {
        let errors =
            r#"{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match"}]}"#;
        assert_eq!(
            answer(errors).why(),
            "DIGEST_INVALID provided digest did not match"
        );
        assert_eq!(answer("<html>\n").why(), "<html>");
        assert_eq!(answer("").why(), "");
        assert_eq!(answer("{\"errors\":7}").why(), "{\"errors\":7}");
    }
}
