//! The endpoint of tags, page by page.

use hyper::{Method, StatusCode};
use opsctl_core::image::{Repository, Tag};
use opsctl_core::ports::RegistryError;

use crate::address;
use crate::asking::Asking;
use crate::question::Question;

/// A repository with more pages than this is not walked to its end.
const PAGES: usize = 1000;

#[derive(serde::Deserialize)]
struct Page {
    tags: Option<Vec<String>>,
}

/// Every tag. One that is spelled as no tag may be is left out: nobody could ask for it.
pub async fn list(asking: &Asking, repository: &Repository) -> Result<Vec<Tag>, RegistryError> {
    let mut place = address::of(repository, "tags/list?n=1000");
    let mut tags = Vec::new();
    for _ in 0..PAGES {
        let question = Question::read(repository, Method::GET, place.clone());
        let answer = asking.ask(&question).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(tags);
        }
        let answer = answer.expect(&question, &[StatusCode::OK])?;
        let page: Page =
            serde_json::from_slice(&answer.body).map_err(|error| RegistryError::Refused {
                registry: repository.registry().to_owned(),
                what: question.what(),
                status: answer.status.as_u16(),
                why: format!("that is no list of tags: {error}"),
            })?;
        let written = page.tags.unwrap_or_default();
        tags.extend(written.iter().filter_map(|tag| tag.parse().ok()));
        match answer.header("link").and_then(next) {
            Some(next) if !written.is_empty() => place = address::resolved(&place, next),
            _ => return Ok(tags),
        }
    }
    Ok(tags)
}

/// `</v2/app/tags/list?n=1000&last=v9>; rel="next"`.
fn next(header: &str) -> Option<&str> {
    let (link, rest) = header.trim().strip_prefix('<')?.split_once('>')?;
    rest.contains("next").then_some(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_where_the_header_says() {
        assert_eq!(
            next("</v2/a/tags/list?last=b>; rel=\"next\""),
            Some("/v2/a/tags/list?last=b")
        );
        assert_eq!(next("</v2/a>; rel=\"prev\""), None);
        assert_eq!(next("nonsense"), None);
    }
}
