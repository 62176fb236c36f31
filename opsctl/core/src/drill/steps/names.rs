//! The names of the steps: the same in plans, journals and tests.

/// Takes a backup, where none exists.
pub const TAKE: &str = "take-backup";
/// Notes the time of the incident.
pub const OBSERVE: &str = "observe-incident";
/// Pins the backup.
pub const PIN: &str = "pin-backup";
/// Finds the backup.
pub const LOCATE: &str = "locate";
/// Empties caches.
pub const CHILL: &str = "chill";
/// Brings the files back.
pub const FETCH: &str = "fetch";
/// Recovers.
pub const RESTORE: &str = "restore";
/// Waits for the first answer.
pub const START: &str = "start";
/// Proves the data whole.
pub const VERIFY: &str = "verify";
/// Reads through the application.
pub const READY: &str = "ready";
/// Restores again, warm.
pub const WARM: &str = "warm";
/// Signs what was seen.
pub const EVIDENCE: &str = "write-evidence";
/// Ends the copy.
pub const DISCARD: &str = "discard";
/// Takes the pin away.
pub const UNPIN: &str = "unpin-backup";
