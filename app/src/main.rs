//! The process. Everything it does is in the library, so that tests can do it too.

use std::process::ExitCode;

/// Small pieces of many threads are what a request is made of; and what log-ins took for a while is given back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    app::run()
}
