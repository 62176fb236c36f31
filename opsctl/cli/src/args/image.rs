//! `opsctl image`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use opsctl_core::image::{Repository, Tag};

#[derive(Debug, Subcommand)]
pub enum ImageCommand {
    /// Build a program's image, without a daemon: the same source gives the same digest
    Build(ImageBuildArgs),
    /// The images of a repository: tags, digests, sizes, labels
    List {
        #[command(flatten)]
        place: ImagePlaceArgs,
    },
    /// Give a tried image another tag, or bring it into another repository: nothing is built again
    Promote(ImagePromoteArgs),
}

/// Whose images, and where they are.
#[derive(Debug, Clone, Args)]
pub struct ImagePlaceArgs {
    /// The program
    #[arg(long, value_enum, default_value = "app")]
    pub package: Program,
    /// Where its images are kept, as <registry>/<path> [default: images.repository in opsctl.yaml]
    #[arg(long, value_name = "REPOSITORY")]
    pub repository: Option<Repository>,
}

#[derive(Debug, Args)]
pub struct ImageBuildArgs {
    #[command(flatten)]
    pub place: ImagePlaceArgs,
    /// The tag: v1.2.3 or staging-<commit> [default: the staging tag of this commit]
    #[arg(long, value_name = "TAG")]
    pub tag: Option<Tag>,
    /// Push it; a tag that names another image already is refused
    #[arg(long)]
    pub push: bool,
    /// Write it there: a folder in the OCI image layout, or such a folder packed when the name ends in .tar
    #[arg(long, value_name = "PATH", conflicts_with = "push")]
    pub into: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ImagePromoteArgs {
    /// The image: a tag or a digest of the repository, or a whole reference
    #[arg(value_name = "FROM")]
    pub from: String,
    /// Its new name: a tag of the same repository, another repository, or both
    #[arg(value_name = "TO")]
    pub to: String,
    #[command(flatten)]
    pub place: ImagePlaceArgs,
}

/// The programs that have an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Program {
    /// The API service
    App,
    /// This tool, with the migrations
    Opsctl,
}

impl Program {
    /// The package, its binary and its image: one name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Opsctl => "opsctl",
        }
    }
}
