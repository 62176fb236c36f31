//! No secret anywhere: values that are planted where secrets lie never turn up where somebody reads.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::place::{Ended, Place};
use crate::postgres_place::PostgresPlace;

const PASSWORD: &str = "planted-database-password-58b1";
const JWT: &str = "planted-jwt-secret-of-forty-characters-0";
const IN_A_SETTING: &str = "planted-password-of-a-dsn-93c2";
const SIGNING_KEY: &str = "b1a57ed0c0ffee00b1a57ed0c0ffee01b1a57ed0c0ffee02b1a57ed0c0ffee03";

const PLANTED: [&str; 4] = [PASSWORD, JWT, IN_A_SETTING, SIGNING_KEY];

/// Where secrets are allowed to be: the files that hold them and nothing else.
const VAULTS: [&str; 5] = [
    "secrets.json",
    "app_login.password",
    "evidence.key",
    "app_login_b.password",
    "secret-versions.json",
];

/// Commands that work, in the order in which they can, and some that fail.
const SWEEP: [&str; 46] = [
    "migrate plan",
    "migrate up",
    "migrate status",
    "migrate lint",
    "data seed --users 5 --posts 5 --comments 5",
    "data seed --users 5 --posts 5 --comments 5 --dry-run",
    "config show",
    "doctor",
    "backup list",
    "backup create",
    "backup show no-such",
    "backup verify --all",
    "backup prune --dry-run",
    "drill restore",
    "drill restore --backup fresh --keep",
    "drill restore --backup no-such",
    "drill restore --self-test --seed 7",
    "evidence list",
    "evidence show",
    "evidence verify",
    "evidence key",
    "restore",
    "restore list",
    "restore --to 2020-01-01T00:00:00Z",
    "restore --cut-over",
    "restore --cut-over --confirm local",
    "restore undo --confirm local",
    "restore rows --table users --where no_such_column=1",
    "restore rows --table users --where 1=1",
    "maintenance on --yes",
    "maintenance off",
    "env adopt --reason because --confirm local",
    "secrets status",
    "secrets init --yes",
    "secrets rotate jwt --yes",
    "secrets rotate jwt --dry-run",
    "secrets rotate jwt --finish --dry-run",
    "secrets rotate database --yes",
    "secrets rotate api-key --drill --yes",
    "secrets rotate all --yes",
    "operation list",
    "operation show no-such",
    "lock status",
    "lock release database",
    "local-postgres status",
    "--env elsewhere doctor",
];

fn plant(place: &Place) {
    for (name, text) in [
        (VAULTS[0], format!("{{\"JWT_SECRET\":\"{JWT}\"}}\n")),
        (VAULTS[1], format!("{PASSWORD}\n")),
        ("keys/evidence.key", format!("{SIGNING_KEY}\n")),
    ] {
        let path = place.file(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }
}

/// Runs a command with secrets in its surroundings, too, and looks at what it says.
fn run(place: &Place, words: &str) -> Ended {
    let dsn = format!("postgres://app:{IN_A_SETTING}@db.example.org/app");
    let variables = [("DATABASE_URL", dsn.as_str()), ("JWT_SECRET", JWT)];
    let ended = place.run_with(words, &variables);
    for secret in PLANTED {
        let told = [&ended.stdout, &ended.stderr];
        assert!(
            !told.iter().any(|text| text.contains(secret)),
            "'{words}' tells a secret: {ended:?}"
        );
    }
    ended
}

fn sweep(place: &Place, format: &str, wanted: fn(&&str) -> bool) {
    for words in SWEEP.into_iter().filter(wanted) {
        let ended = run(place, &format!("{words} --output {format} --verbose"));
        assert!(ended.code.is_some(), "'{words}' was killed");
        assert!(!ended.stderr.contains("panicked"), "{words}: {ended:?}");
    }
    for operation in std::fs::read_dir(place.file("state/operations")).unwrap() {
        let id = operation.unwrap().file_name().into_string().unwrap();
        run(place, &format!("operation show {id} --output {format}"));
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

/// What rotations made up and what they found: all that is long enough to be one.
fn made_up(place: &Place) -> Vec<String> {
    let text = std::fs::read_to_string(place.file("secret-versions.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let secrets = document["secrets"].as_object().unwrap().values();
    let versions = secrets.flat_map(|versions| versions.as_array().unwrap());
    let values =
        versions.flat_map(|version| [&version["value"]["text"], &version["value"]["password"]]);
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// Reads everything that opsctl and the service left behind, beside the vaults.
fn search(place: &Place) {
    let mut all = Vec::new();
    files(place.folder(), &mut all);
    let is_vault = |path: &PathBuf| VAULTS.iter().any(|vault| path.ends_with(vault));
    let (vaults, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_vault);
    // SQLite has no logins, and so no password of a second one.
    assert!(vaults.len() + 1 >= VAULTS.len(), "{vaults:?}");
    let made = made_up(place);
    assert!(made.len() > 3, "{} values were made up", made.len());
    let journals = |path: &&PathBuf| path.components().any(|part| part.as_os_str() == "journal");
    assert!(others.iter().filter(journals).count() > 100);
    for path in others {
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let mut all = PLANTED
            .iter()
            .copied()
            .chain(made.iter().map(String::as_str));
        let found = all.find(|secret| text.contains(*secret));
        assert!(found.is_none(), "a secret lies in {}", path.display());
    }
}

#[test]
fn nothing_that_sqlite_commands_say_or_keep_holds_a_secret() {
    let place =
        Place::with("version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n");
    plant(&place);
    for format in ["human", "plain", "json"] {
        sweep(&place, format, |_| true);
    }
    search(&place);
    let key = run(&place, "evidence list");
    assert!(key.stdout.contains("passed"), "the drills ran: {key:?}");
}

#[test]
fn nothing_that_postgresql_commands_say_or_keep_holds_a_secret() {
    let place = PostgresPlace::new();
    plant(&place);
    sweep(&place, "plain", |words| !words.contains("--self-test"));
    let kept = run(&place, "evidence list");
    assert!(kept.stdout.contains("passed"), "the drills ran: {kept:?}");
    // Its server stands still while its files are read.
    place.run("local-postgres stop");
    search(&place);
}

#[test]
fn a_password_that_was_written_where_it_does_not_belong_is_not_repeated() {
    let dsn = format!("postgres://app:{IN_A_SETTING}@db.example.org/app");
    for (wrong, hidden) in [
        ("      engine: DSN\n", "engine"),
        ("      engine: sqlite\n      url: DSN\n", "url"),
        (
            "      engine: sqlite\n    lock:\n      lease: DSN\n",
            "lease",
        ),
        (
            "      engine: sqlite\n    backup:\n      floor: DSN\n",
            "floor",
        ),
        ("      engine: sqlite\n    protection: DSN\n", "protection"),
        ("      engine: sqlite\n    DSN: 1\n", "a key"),
    ] {
        let text = "version: 1\nenvironments:\n  local:\n    database:\n".to_owned();
        let place = Place::with(&(text + &wrong.replace("DSN", &format!("\"{dsn}\""))));
        for format in ["human", "plain", "json"] {
            let ended = run(&place, &format!("config show --verbose --output {format}"));
            assert_eq!(ended.code, Some(2), "{hidden}: {ended:?}");
        }
    }
    let place = Place::new();
    for words in [
        format!("--env {dsn} doctor"),
        format!("backup show {dsn}"),
        format!("operation show {dsn}"),
        format!("restore --to {dsn}"),
        format!("--config {dsn} doctor"),
        format!("--lock-wait {dsn} doctor"),
        format!("drill restore --backup {dsn}"),
        format!("lock release {dsn}"),
        format!("--output {dsn} doctor"),
        dsn.clone(),
    ] {
        run(&place, &words);
    }
}
