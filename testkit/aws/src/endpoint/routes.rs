//! Protocols whose action is a method and a path.

use percent_encoding::percent_decode_str;

use super::{Incoming, Parameters, Refusal};

/// Which action a method and a path stand for; `{Name}` in the path is a parameter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub action: &'static str,
}

impl Route {
    /// What the path says, if it is one of these.
    fn of(&self, request: &Incoming) -> Option<Vec<(String, String)>> {
        let here: Vec<&str> = request.path.trim_end_matches('/').split('/').collect();
        let ours: Vec<&str> = self.path.split('/').collect();
        if request.method != self.method || here.len() != ours.len() {
            return None;
        }
        let mut said = Vec::new();
        for (ours, here) in ours.iter().zip(here) {
            let name = ours.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            match name {
                Some(name) => {
                    let value = percent_decode_str(here).decode_utf8_lossy();
                    said.push((name.to_owned(), value.into_owned()));
                }
                None if *ours == here => {}
                None => return None,
            }
        }
        Some(said)
    }
}

/// The action, with what path, query and body say.
pub(super) fn asked(
    routes: &[Route],
    request: &Incoming,
    body: Parameters,
) -> Result<(String, Parameters), Refusal> {
    let found = routes
        .iter()
        .find_map(|route| Some((route.action, route.of(request)?)));
    let (action, said) = found.ok_or_else(|| {
        let message = format!("no operation is {} {}", request.method, request.path);
        Refusal::not_found("UnknownOperationException", message)
    })?;
    let query = Parameters::of_form(&request.query);
    Ok((action.to_owned(), body.and(query).with(said)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_is_meant_and_of_what() {
        let routes = [Route {
            method: "GET",
            path: "/clusters/{name}",
            action: "DescribeCluster",
        }];
        let request = |method: &str, path: &str| Incoming {
            method: method.into(),
            path: path.into(),
            query: "more=1".into(),
            headers: hyper::HeaderMap::new(),
            body: hyper::body::Bytes::new(),
        };
        let told = |method, path| asked(&routes, &request(method, path), Parameters::default());
        let (action, said) = told("GET", "/clusters/a%20b").unwrap();
        assert_eq!(action, "DescribeCluster");
        assert_eq!(said.text("name"), Some("a b"));
        assert_eq!(said.text("more"), Some("1"));
        assert!(told("DELETE", "/clusters/a").is_err());
        assert!(told("GET", "/clusters").is_err());
    }
}
