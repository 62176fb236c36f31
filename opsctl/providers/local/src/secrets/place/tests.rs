//! What is found, handed over and refused, in a folder of its own.

use super::*;

const KEY: &str = "a key that was here before there were versions";

fn from_before() -> (tempfile::TempDir, LocalSecrets) {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{{\"JWT_SECRET\": \"{KEY}\", \"OTHER\": \"stays\"}}");
    std::fs::write(folder.path().join(FILE), text).unwrap();
    let secrets = LocalSecrets::below(folder.path());
    (folder, secrets)
}

fn rotate(secrets: &LocalSecrets, from: &str, to: &str) {
    let id = |name: &str| VersionId(name.to_owned());
    let value = SecretValue::Text(Secret::new(format!("value of {to}")));
    let change = secrets.change(|vault| {
        let now = SystemClock.now();
        vault.put_pending(SecretKind::Jwt, &id(to), (&value, now))?;
        vault.move_current(SecretKind::Jwt, Some(&id(from)), &id(to))
    });
    change.unwrap();
}

fn hand_over(secrets: &LocalSecrets) -> Result<u64> {
    secrets.locked(|place| place.hand_over(&mut place.read()?))
}

#[test]
fn what_was_there_is_the_first_version_and_what_is_not_ours_stays() {
    let (folder, secrets) = from_before();
    assert_eq!(secrets.handed(&secrets.read().unwrap()).unwrap(), Some(0));
    rotate(&secrets, "found", "next");
    assert_eq!(secrets.handed(&secrets.read().unwrap()).unwrap(), None);
    assert_eq!(hand_over(&secrets).unwrap(), 1);
    assert_eq!(
        hand_over(&secrets).unwrap(),
        1,
        "the same again is no change"
    );
    let content = values(&folder.path().join(FILE)).unwrap();
    assert_eq!(content["JWT_SECRET"], "value of next");
    assert_eq!(content["JWT_SECRET_PREVIOUS"], KEY);
    assert_eq!(content["OTHER"], "stays");
}

#[test]
fn a_file_that_somebody_else_wrote_is_refused_and_one_that_is_gone_is_written() {
    let (folder, secrets) = from_before();
    rotate(&secrets, "found", "next");
    hand_over(&secrets).unwrap();
    let file = folder.path().join(FILE);
    std::fs::write(&file, "{\"JWT_SECRET\": \"typed-in-by-somebody\"}").unwrap();
    let refused = hand_over(&secrets).unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert!(!format!("{refused:?}").contains("typed-in"));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(hand_over(&secrets).unwrap(), 1);
}

#[test]
fn a_run_that_died_before_the_file_was_written_finds_its_own_work() {
    let (folder, secrets) = from_before();
    let file = folder.path().join(FILE);
    let before = std::fs::read(&file).unwrap();
    rotate(&secrets, "found", "next");
    hand_over(&secrets).unwrap();
    std::fs::write(&file, before).unwrap();
    assert!(hand_over(&secrets).is_ok());
    let content = values(&file).unwrap();
    assert_eq!(content["JWT_SECRET"], "value of next");
}

#[test]
fn versions_that_others_may_read_are_refused() {
    let (folder, secrets) = from_before();
    rotate(&secrets, "found", "next");
    let vault = folder.path().join(VAULT);
    std::fs::set_permissions(&vault, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = secrets.read().map(drop).unwrap_err();
    assert!(refused.hints[0].starts_with("chmod 600"), "{refused}");
}
