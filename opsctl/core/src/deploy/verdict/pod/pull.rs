//! Why an image could not be pulled, by the words of the runtime (containerd, CRI-O, Docker) and of the registry.

use crate::deploy::verdict::CauseCode;

/// In this order: a message often holds several of these words, and the first is the closest to the cause.
const WORDS: [(CauseCode, &[&str]); 8] = [
    (
        CauseCode::WrongArchitecture,
        &[
            "no match for platform",
            "no matching manifest for",
            "no image found in manifest list for architecture",
            "does not match the specified platform",
            "exec format error",
        ],
    ),
    (
        CauseCode::ImageNameInvalid,
        &[
            "invalid reference format",
            "failed to apply default image tag",
            "couldn't parse image",
            "repository name must be lowercase",
        ],
    ),
    (
        CauseCode::RegistryUntrusted,
        &[
            "x509:",
            "server gave http response to https client",
            "tls: failed to verify certificate",
        ],
    ),
    (
        CauseCode::ImagePullTransient,
        &[
            "toomanyrequests",
            "too many requests",
            "rate limit",
            "500 internal server error",
            "502 bad gateway",
            "503 service unavailable",
            "504 gateway time",
            "i/o timeout",
            "handshake timeout",
            "context deadline exceeded",
            "context canceled",
            "connection refused",
            "connection reset",
            "no such host",
            "server misbehaving",
            "network is unreachable",
            "no route to host",
            "unexpected eof",
            // The registry answered; the node could not unpack what it got.
            "failed to prepare extraction snapshot",
            "failed to extract layer",
            "no space left on device",
        ],
    ),
    (
        CauseCode::ImagePullUnauthorised,
        &[
            "401 unauthorized",
            "403 forbidden",
            "unauthorized: ",
            "access denied",
            "denied: ",
            "insufficient_scope",
            "authorization failed",
            "authentication required",
            "no basic auth credentials",
            "authorization token has expired",
            "failed to authorize",
        ],
    ),
    (
        CauseCode::ImageSignatureRefused,
        &["signature validation failed", "signature for identity"],
    ),
    (
        CauseCode::ImageNotFound,
        &[
            ": not found",
            "404 not found",
            "manifest unknown",
            "name unknown",
            "name_unknown",
            "repository does not exist",
            "code = notfound",
        ],
    ),
    (CauseCode::ImagePullTransient, &[""]),
];

/// The cause that the words tell; what nobody knows may cure itself.
pub fn cause(message: &str) -> CauseCode {
    let message = message.to_lowercase();
    let mut known = WORDS.iter();
    let fitting = known.find(|(_, words)| words.iter().any(|word| message.contains(word)));
    fitting.map_or(CauseCode::ImagePullTransient, |(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PULL: &str = "failed to pull and unpack image \"reg.example/shop/app:v9\": failed to resolve reference \"reg.example/shop/app:v9\": ";

    #[track_caller]
    fn says(code: CauseCode, words: &[&str]) {
        for word in words {
            for message in [
                word.to_string(),
                format!("rpc error: code = Unknown desc = {PULL}{word}"),
            ] {
                assert_eq!(cause(&message), code, "{message}");
            }
        }
    }

    #[test]
    fn an_image_that_the_registry_does_not_have_is_not_found() {
        says(
            CauseCode::ImageNotFound,
            &[
                "reg.example/shop/app:v9: not found",
                "failed to copy: httpReadSeeker: failed open: content at https://reg.example/v2/shop/app/blobs/sha256:ab not found: not found",
                "Error response from daemon: manifest for reg.example/shop/app:v9 not found: manifest unknown: manifest unknown",
                "reading manifest v9 in reg.example/shop/app: manifest unknown",
                "name unknown: The repository with name 'shop/app' does not exist in the registry with id '123456789012'",
            ],
        );
    }

    #[test]
    fn a_registry_that_wants_to_know_who_asks_is_named() {
        says(
            CauseCode::ImagePullUnauthorised,
            &[
                "failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized",
                "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
                "unexpected status code [manifests v9]: 403 Forbidden",
                "pulling from host 123456789012.dkr.ecr.eu-west-1.amazonaws.com failed with status code [manifests v9]: 401 Unauthorized",
                "Get \"https://reg.example/v2/\": no basic auth credentials",
                "denied: requested access to the resource is denied",
            ],
        );
    }

    #[test]
    fn a_registry_that_is_busy_or_away_may_come_back() {
        says(
            CauseCode::ImagePullTransient,
            &[
                "unexpected status code [manifests v9]: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit",
                "failed to authorize: failed to fetch oauth token: unexpected status: 503 Service Unavailable",
                "failed to do request: Head \"https://reg.example/v2/shop/app/manifests/v9\": dial tcp 10.0.0.1:443: connect: connection refused",
                "failed to do request: Head \"https://reg.example/v2/\": dial tcp: lookup reg.example on 10.96.0.10:53: no such host",
                "failed to do request: Head \"https://reg.example/v2/\": net/http: TLS handshake timeout",
                "unexpected status code [manifests v9]: 502 Bad Gateway",
                "failed to prepare extraction snapshot \"extract-1 sha256:ab\": parent snapshot sha256:cd does not exist: not found",
                "something that nobody has seen before",
            ],
        );
    }

    #[test]
    fn an_image_without_a_build_for_the_node_is_not_a_missing_image() {
        says(
            CauseCode::WrongArchitecture,
            &[
                "no match for platform in manifest: not found",
                "no matching manifest for linux/arm64/v8 in the manifest list entries",
            ],
        );
    }

    #[test]
    fn a_registry_that_nobody_vouches_for_is_named() {
        says(
            CauseCode::RegistryUntrusted,
            &[
                "failed to do request: Head \"https://reg.example/v2/\": x509: certificate signed by unknown authority",
                "failed to do request: Head \"https://reg.example/v2/\": http: server gave HTTP response to HTTPS client",
            ],
        );
    }

    #[test]
    fn a_name_that_looks_like_a_cause_is_only_a_name() {
        let message = PULL.replace("shop/app:v9", "denied/unauthorized:429") + "connection refused";
        assert_eq!(cause(&message), CauseCode::ImagePullTransient);
        let message =
            PULL.replace("shop/app:v9", "denied/unauthorized:403") + "reg.example/x: not found";
        assert_eq!(cause(&message), CauseCode::ImageNotFound);
    }
}
