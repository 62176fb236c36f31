//! Programs that Go builds from their makers' modules, into the tools folder: once a machine, and again when what they are
//! built from changes.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::{child, settings};
use crate::terminal::say;

/// A program and the module that it is built from.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    pub name: &'static str,
    /// `go.mod`, `go.sum` and the sources.
    pub files: &'static [(&'static str, &'static str)],
    /// Handed to `go build`.
    pub flags: &'static [&'static str],
    /// The package of the program: `.`, or one that the module only asks for.
    pub package: &'static str,
}

impl Module {
    /// Finds the program on the PATH, or builds it.
    ///
    /// # Errors
    /// When there is no Go to build it with.
    pub fn require(self) -> Result<PathBuf> {
        let on_path = settings::search_path().into_iter();
        let mut on_path = on_path.map(|folder| folder.join(self.name));
        if let Some(found) = on_path.find(|path| path.is_file()) {
            return Ok(found);
        }
        let name = self.name;
        self.built()
            .with_context(|| format!("{name} is missing: install it, or Go to build it with"))
    }

    /// Builds the program, unless it stands there built from the same.
    ///
    /// # Errors
    /// When there is no Go, or it fails.
    pub fn built(self) -> Result<PathBuf> {
        let folder = settings::tools_folder().join(self.name);
        let (program, mark) = (folder.join(self.name), folder.join("built-from"));
        let source: String = self.files.iter().map(|(_, content)| *content).collect();
        if program.is_file() && fs::read_to_string(&mark).ok() == Some(source.clone()) {
            return Ok(program);
        }
        say(&format!(
            "{} is missing: building it into {}",
            self.name,
            folder.display()
        ));
        fs::create_dir_all(&folder)?;
        for (name, content) in self.files {
            fs::write(folder.join(name), content)?;
        }
        let mut go = Command::new("go");
        go.current_dir(&folder).args(["build", "-trimpath"]);
        go.env("CGO_ENABLED", "0")
            .args(self.flags)
            .arg("-o")
            .arg(&program)
            .arg(self.package);
        child::run(&mut go)?;
        fs::write(mark, source)?;
        Ok(program)
    }
}
