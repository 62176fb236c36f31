//! What xtask says: to stderr, in order with what the tools below it print. What was asked for goes to stdout.

use std::io::Write;

/// Says one line.
pub fn say(line: &str) {
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Tells one line of what was asked for, to whoever reads it further.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
