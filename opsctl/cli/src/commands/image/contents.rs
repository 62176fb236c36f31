//! What goes into an image: the program, and what it needs beside it.

use std::path::Path;

use opsctl_core::image::layer::{Entry, FileMode, Files};
use opsctl_core::image::{Start, root};
use opsctl_core::{Failure, Result};

use crate::args::Program;

/// Where opsctl's image keeps the configuration and the migrations: its working folder.
const PLATFORM: &str = "platform";
/// Where the service listens when nobody says otherwise.
const SERVICE_PORT: u16 = 8000;

/// The files of a program's image.
///
/// # Errors
/// When one can't be read.
pub fn files(program: Program, binary: Vec<u8>, repository: &Path) -> Result<Files> {
    let mut files = root::files();
    let entry = Entry::File {
        bytes: binary,
        mode: FileMode::Runnable,
    };
    files.insert(program.name().to_owned(), entry);
    if program == Program::Opsctl {
        let place = format!("{PLATFORM}/opsctl.yaml");
        files.insert(place, readable(&repository.join("opsctl.yaml"))?);
        migrations(repository, &mut files)?;
    }
    Ok(files)
}

/// How it starts.
#[must_use]
pub fn start(program: Program) -> Start {
    let (folder, ports) = match program {
        Program::App => ("/".to_owned(), vec![SERVICE_PORT]),
        Program::Opsctl => (format!("/{PLATFORM}"), Vec::new()),
    };
    Start {
        entrypoint: vec![format!("/{}", program.name())],
        folder,
        ports,
    }
}

fn migrations(repository: &Path, files: &mut Files) -> Result<()> {
    for engine in ["postgres", "sqlite"] {
        let folder = repository.join("migrations").join(engine);
        let unreadable = |error: std::io::Error| {
            Failure::usage(format!("can't read {}", folder.display())).because(error)
        };
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(".sql") {
                let place = format!("{PLATFORM}/migrations/{engine}/{name}");
                files.insert(place, readable(&path)?);
            }
        }
    }
    Ok(())
}

fn readable(path: &Path) -> Result<Entry> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("can't read {}", path.display())).because(error))?;
    Ok(Entry::File {
        bytes,
        mode: FileMode::Readable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> std::path::PathBuf {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../..").into()
    }

    #[test]
    fn the_tool_s_image_carries_the_migrations_and_the_service_s_does_not() {
        let tool = files(Program::Opsctl, vec![1], &repository()).unwrap();
        assert!(tool.contains_key("platform/migrations/postgres/0001_users.up.sql"));
        assert!(tool.contains_key("platform/opsctl.yaml"));
        assert!(tool.contains_key("opsctl"));
        let service = files(Program::App, vec![1], &repository()).unwrap();
        assert!(service.keys().all(|path| !path.starts_with("platform")));
        assert_eq!(start(Program::App).entrypoint, ["/app"]);
    }

    #[test]
    fn a_folder_without_migrations_is_named() {
        let empty = tempfile::tempdir().unwrap();
        let failure = files(Program::Opsctl, vec![1], empty.path()).unwrap_err();
        assert!(failure.what.contains("opsctl.yaml"), "{failure}");
    }
}
