//! The application's program, beside the test that runs: for tests of whoever operates it.

use std::{path::PathBuf, process::Command, sync::Once};

/// Where it is, built if it was not.
///
/// # Panics
/// When it does not build: a test of it means nothing then.
pub fn program() -> PathBuf {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "app"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        let well = built.is_ok_and(|status| status.success());
        assert!(well, "the application does not build");
    });
    // Tests lie in a folder of their own among what is built.
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().map(PathBuf::from).unwrap_or_default();
    folder.with_file_name("app")
}
