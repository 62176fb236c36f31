//! `opsctl`: the operations of the platform, from a terminal or a pipeline.

use std::process::ExitCode;

fn main() -> ExitCode {
    opsctl_cli::main()
}
