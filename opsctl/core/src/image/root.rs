//! What every image holds beside its program: who is who, whom to trust, a place for passing files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::layer::{Entry, FileMode, Files, NOBODY};

/// Where the machine's authorities are looked for on Debian, and here.
const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";

/// The files of every image.
#[must_use]
pub fn files() -> Files {
    let text = |text: String| Entry::File {
        bytes: text.into_bytes(),
        mode: FileMode::Readable,
    };
    let tmp = Entry::Folder {
        mode: FileMode::Shared,
    };
    [
        (AUTHORITIES, text(authorities())),
        (
            "etc/passwd",
            text(format!(
                "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:{NOBODY}:{NOBODY}:nonroot:/:/sbin/nologin\n"
            )),
        ),
        (
            "etc/group",
            text(format!("root:x:0:\nnonroot:x:{NOBODY}:\n")),
        ),
        // Without it names of the machine's own file would not come before those of the network.
        ("etc/nsswitch.conf", text("hosts: files dns\n".into())),
        ("tmp", tmp),
    ]
    .map(|(path, entry)| (path.to_owned(), entry))
    .into()
}

/// The certificates of the public authorities, from a crate: pinned by `Cargo.lock`, and the same on every machine.
fn authorities() -> String {
    let mut certificates: Vec<&[u8]> = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .map(AsRef::as_ref)
        .collect();
    certificates.sort_unstable();
    certificates.into_iter().map(pem).collect()
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        lines.push_str(line);
        lines.push('\n');
        rest = more;
    }
    lines.push_str("-----END CERTIFICATE-----\n");
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_trusts_the_public_authorities_and_has_somebody_to_run_as() {
        let files = files();
        let Some(Entry::File { bytes, .. }) = files.get(AUTHORITIES) else {
            panic!("no authorities");
        };
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(text.matches("BEGIN CERTIFICATE").count() > 100);
        assert!(text.lines().all(|line| line.len() <= 64));
        let Some(Entry::File { bytes, .. }) = files.get("etc/passwd") else {
            panic!("nobody");
        };
        assert!(bytes.windows(5).any(|part| part == b"65532"));
    }
}
