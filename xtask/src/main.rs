//! The one door for newcomers, contributors and CI: `cargo xtask <command>`.

mod arguments;
mod checkout;
mod commands;
mod machine;
mod secrets;
mod structure;
mod terminal;

fn main() -> std::process::ExitCode {
    arguments::run()
}
