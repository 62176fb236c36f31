//! `opsctl image build`: compiled, packed, written or pushed.

use std::path::{Path, PathBuf};

use opsctl_core::clock::Timestamp;
use opsctl_core::image::{
    Digest, Image, Mover, Parts, Provenance, Tag, may_name, of_its_source, sbom,
};
use opsctl_core::{Failure, Result};
use opsctl_local::build::{Source, Toolchain, Workspace, compile, schema_range, source, workspace};
use opsctl_registry::layout::{self, Called};

use super::{contents, known_repository, push, report, repository};
use crate::args::{ImageBuildArgs, Program};
use crate::config;
use crate::session::Session;

/// A finished image and what it will be called.
pub(super) struct Made {
    pub image: Image,
    pub tag: Tag,
    pub provenance: Provenance,
    /// Where cargo keeps what it builds: images lie beside.
    target: PathBuf,
}

pub async fn run(session: &Session, args: &ImageBuildArgs) -> Result<u8> {
    let folder = session.loaded.folder();
    let source = source(&folder)?;
    let tag = match &args.tag {
        Some(tag) => tag.clone(),
        None => Tag::staging(&source.revision)?,
    };
    // What will be refused is refused before minutes are spent.
    if args.push {
        repository(session, &args.place)?;
        may_name(&tag, &Digest::of(&[]), None, Mover::Push)?;
    }
    let toolchain = toolchain()?;
    let workspace = workspace(&folder, &toolchain)?;
    let provenance = provenance(&source, &workspace, args)?;
    if args.push {
        of_its_source(&tag, &provenance)?;
    }
    let made = make(args, &workspace, &toolchain, provenance, tag)?;
    session
        .output
        .say(&report::sizes(args.place.package, &made.image));
    match args.push {
        true => {
            let place = own_place(args, &made);
            layout::write(&place, &made.image, &called(session, args, &made)?)?;
            push::run(session, args, &made, &place).await
        }
        false => write(session, args, &made),
    }
}

fn toolchain() -> Result<Toolchain> {
    let home = config::read("CARGO_HOME").map(PathBuf::from);
    let own = || config::read("HOME").map(|home| Path::new(&home).join(".cargo"));
    let home = home.or_else(own);
    Toolchain::here(home.ok_or_else(|| {
        Failure::usage("can't tell where cargo keeps what it fetched")
            .hint("set HOME or CARGO_HOME")
    })?)
}

fn provenance(source: &Source, workspace: &Workspace, args: &ImageBuildArgs) -> Result<Provenance> {
    let name = args.place.package.name();
    Ok(Provenance {
        title: name.to_owned(),
        revision: source.revision.clone(),
        source: source.address.clone(),
        version: workspace.version(name)?.to_owned(),
        created: epoch()?.unwrap_or(source.committed_at),
        schema: match args.place.package {
            Program::App => schema_range(&workspace.root)?,
            Program::Opsctl => None,
        },
    })
}

/// `SOURCE_DATE_EPOCH`, as reproducible-builds.org has it.
fn epoch() -> Result<Option<Timestamp>> {
    let Some(text) = config::read("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    let moment = text.parse().ok();
    let moment = moment.and_then(|it| time::OffsetDateTime::from_unix_timestamp(it).ok());
    moment.map(|it| Some(Timestamp(it))).ok_or_else(|| {
        Failure::usage(format!("SOURCE_DATE_EPOCH is '{}'", text.escape_debug()))
            .hint("seconds since 1970, as `date +%s` prints them")
    })
}

fn make(
    args: &ImageBuildArgs,
    workspace: &Workspace,
    toolchain: &Toolchain,
    provenance: Provenance,
    tag: Tag,
) -> Result<Made> {
    let program = args.place.package;
    let built = compile(workspace, toolchain, program.name())?;
    let parts = Parts {
        files: contents::files(program, built.bytes, &workspace.root)?,
        platform: toolchain.platform.clone(),
        provenance,
        start: contents::start(program),
        sbom: sbom(&workspace.metadata, program.name())?,
    };
    Ok(Made {
        image: Image::assemble(&parts)?,
        tag,
        provenance: parts.provenance,
        target: workspace.target.clone(),
    })
}

/// A folder of its own for every image: a push that was killed finds what it was about.
fn own_place(args: &ImageBuildArgs, made: &Made) -> PathBuf {
    let digest = made.image.manifest.digest();
    let images = made.target.join("images").join(args.place.package.name());
    images.join(digest.hex())
}

/// Importers give the image the name that it would have in its repository.
fn called(session: &Session, args: &ImageBuildArgs, made: &Made) -> Result<Called> {
    let repository = known_repository(session, &args.place)?;
    let repository =
        repository.map_or_else(|| args.place.package.name().to_owned(), |it| it.to_string());
    Ok(Called {
        tag: Some(made.tag.to_string()),
        name: Some(format!("{repository}:{}", made.tag)),
    })
}

fn write(session: &Session, args: &ImageBuildArgs, made: &Made) -> Result<u8> {
    let place = match &args.into {
        Some(place) => std::path::absolute(place).unwrap_or_else(|_| place.clone()),
        None => own_place(args, made),
    };
    if !session.global.dry_run {
        let called = called(session, args, made)?;
        let packed = place.extension().is_some_and(|it| it == "tar");
        match packed {
            true => layout::pack(&place, &made.image, &called)?,
            false => layout::write(&place, &made.image, &called)?,
        }
    }
    report::built(session, args.place.package, made, &place);
    Ok(0)
}
