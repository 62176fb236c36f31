//! What xtask says. All of it goes to stderr, in order with what the tools below it print.

use std::io::Write;

/// Says one line.
pub fn say(line: &str) {
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
