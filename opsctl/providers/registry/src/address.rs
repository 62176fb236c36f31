//! Where a registry listens.

use opsctl_core::image::Repository;

/// The address of something in a repository: `manifests/v1`, `blobs/sha256:…`. In the clear on this machine alone.
pub fn of(repository: &Repository, what: &str) -> String {
    let scheme = match repository.is_on_this_machine() {
        true => "http",
        false => "https",
    };
    let host = host(repository.registry());
    format!("{scheme}://{host}/v2/{}/{what}", repository.path())
}

/// Docker's own registry is called otherwise than it is reached.
fn host(registry: &str) -> &str {
    match registry {
        "docker.io" => "registry-1.docker.io",
        other => other,
    }
}

/// A `Location`, which may be written from the root of its host.
pub fn resolved(asked: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let (scheme, rest) = asked.split_once("://").unwrap_or(("https", asked));
    let host = rest.split('/').next().unwrap_or(rest);
    format!("{scheme}://{host}/{}", location.trim_start_matches('/'))
}

/// The host of an address, with its port.
pub fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// An address with one more parameter.
pub fn with(address: &str, name: &str, value: &str) -> String {
    let joint = if address.contains('?') { '&' } else { '?' };
    // A digest's colon is the only sign that some servers want escaped.
    format!("{address}{joint}{name}={}", value.replace(':', "%3A"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_alone_is_spoken_to_in_the_clear() {
        let address = |text: &str| of(&text.parse().unwrap(), "tags/list");
        assert_eq!(
            address("127.0.0.1:5000/app"),
            "http://127.0.0.1:5000/v2/app/tags/list"
        );
        assert_eq!(
            address("example.com/team/app"),
            "https://example.com/v2/team/app/tags/list"
        );
        assert_eq!(
            address("app"),
            "https://registry-1.docker.io/v2/library/app/tags/list"
        );
    }

    #[test]
    fn a_location_is_taken_from_the_host_that_named_it() {
        let asked = "http://127.0.0.1:5000/v2/app/blobs/uploads/";
        assert_eq!(
            resolved(asked, "/v2/app/blobs/uploads/1?state=x"),
            "http://127.0.0.1:5000/v2/app/blobs/uploads/1?state=x"
        );
        assert_eq!(
            resolved(asked, "https://s3.example/x"),
            "https://s3.example/x"
        );
        assert_eq!(host_of("https://s3.example:1/x"), "s3.example:1");
        assert_eq!(
            with("http://a/b?c=d", "digest", "sha256:0"),
            "http://a/b?c=d&digest=sha256%3A0"
        );
    }
}
