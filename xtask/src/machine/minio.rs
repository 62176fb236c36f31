//! The S3 of the tests: what the machine has, else built from its makers' module by Go.

use std::path::PathBuf;

use anyhow::Result;

use super::golang::Module;

/// Not optimised: it is built more often than it is waited for.
const MINIO: Module = Module {
    name: "minio",
    files: &[
        ("go.mod", include_str!("../../minio/go.mod")),
        ("go.sum", include_str!("../../minio/go.sum")),
        ("main.go", include_str!("../../minio/main.go")),
    ],
    flags: &["-gcflags=all=-N -l", "-ldflags", "-s -w"],
    package: ".",
};

/// Finds MinIO, or builds it into the tools folder.
pub fn require() -> Result<PathBuf> {
    MINIO.require()
}
