//! A static program out of cargo, the same wherever the source lies.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use opsctl_core::{Failure, Result};

use super::{Toolchain, Workspace};

/// What compilers take for now, whatever the commit: with its time they would compile every C library, and all that leans on one,
/// anew for each commit.
const MOMENT: &str = "1795787818";

/// A program that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Its file.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Vec<u8>,
}

#[derive(serde::Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(serde::Deserialize)]
struct Target {
    name: String,
}

/// Builds a program of the workspace, optimised and static; cargo tells on stderr how far it is.
///
/// # Errors
/// When it does not compile, or cargo is missing.
pub fn compile(workspace: &Workspace, toolchain: &Toolchain, package: &str) -> Result<Built> {
    let trouble = || Failure::failed(format!("the program '{package}' can't be built"));
    let mut cargo = command(workspace, toolchain, package);
    let output = cargo
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| trouble().because(error))?;
    if !output.status.success() {
        return Err(trouble()
            .cause("cargo says why, above")
            .left("nothing was written")
            .hint(format!("cargo build --release --package {package}")));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let messages = said
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let path = messages
        .filter(|message: &Message| message.target.as_ref().is_some_and(|it| it.name == package))
        .find_map(|message| message.executable)
        .ok_or_else(|| trouble().cause("cargo names no program that it made"))?;
    let bytes = std::fs::read(&path).map_err(|error| trouble().because(error))?;
    Ok(Built { path, bytes })
}

fn command(workspace: &Workspace, toolchain: &Toolchain, package: &str) -> Command {
    let places = [
        (workspace.root.as_path(), "/source"),
        (workspace.target.as_path(), "/target"),
        (toolchain.cargo_home.as_path(), "/cargo"),
    ];
    let mut flags = vec!["-Ctarget-feature=+crt-static".to_owned()];
    flags.extend(places.map(|(from, to)| remap("--remap-path-prefix", from, to)));
    // The last that fits wins in C.
    let in_c = places.map(|(from, to)| remap("-ffile-prefix-map", from, to));
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(&workspace.root)
        .args(["build", "--release", "--locked", "--package", package])
        .args(["--bin", package, "--target", toolchain.target])
        .args(["--message-format", "json-render-diagnostics"])
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env_remove("RUSTFLAGS")
        .env("CFLAGS", in_c.join(" "))
        .env("SOURCE_DATE_EPOCH", MOMENT);
    cargo
}

/// No path of this machine gets into the program: it would be another one elsewhere.
fn remap(flag: &str, from: &Path, to: &str) -> String {
    format!("{flag}={}={to}", from.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_builds_a_static_program_that_knows_no_path_of_this_machine() {
        let toolchain = Toolchain::here("/home/anna/.cargo".into()).unwrap();
        let workspace = Workspace::at("/home/anna/platform");
        let cargo = command(&workspace, &toolchain, "app");
        let value = |name: &str| {
            let mut all = cargo.get_envs().filter(|(key, _)| *key == name);
            all.next().and_then(|(_, value)| value).unwrap().to_owned()
        };
        let flags = value("CARGO_ENCODED_RUSTFLAGS").into_string().unwrap();
        assert!(flags.contains("+crt-static"));
        for from in ["/home/anna/platform", "/home/anna/.cargo"] {
            assert!(flags.contains(&format!("--remap-path-prefix={from}=/")));
        }
        assert_eq!(value("SOURCE_DATE_EPOCH"), MOMENT);
        let words: Vec<_> = cargo.get_args().collect();
        assert!(words.contains(&"--locked".as_ref()), "{words:?}");
    }
}
