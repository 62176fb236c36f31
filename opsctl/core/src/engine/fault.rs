//! Places where a test may kill the program, from outside.

/// Told at every boundary; a test's implementation ends the process there.
pub trait FaultPoint: Send + Sync {
    /// The program stands at this boundary: `<step>:<started|applied|verified|finished>`.
    fn reached(&self, boundary: &str);
}

/// No faults: what production runs with.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl FaultPoint for NoFaults {
    fn reached(&self, _boundary: &str) {}
}
