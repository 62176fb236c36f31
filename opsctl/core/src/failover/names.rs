//! The names of the steps that are a failover's own; those of the crossing are the restore's.

/// Makes the place for the prober's rows.
pub const PREPARE: &str = "prepare-prober";
/// Makes the replica and waits until it follows.
pub const FOLLOW: &str = "follow";
/// Begins to write and read.
pub const PROBE: &str = "probe";
/// Waits until the replica has everything.
pub const CATCH_UP: &str = "catch-up";
/// Lets the replica open.
pub const OPEN: &str = "open-replica";
/// Notes how the instance stands.
pub const OBSERVE: &str = "observe-standby";
/// Asks the service to fail over.
pub const FAIL_OVER: &str = "fail-over";
/// Waits until the standby serves.
pub const ARRIVE: &str = "await-standby";
/// Looks at what a failover of the region needs.
pub const READINESS: &str = "check-readiness";
/// Writes the way back down.
pub const FAIL_BACK: &str = "plan-fail-back";
/// Lets the application use the copy.
pub const ADMIT: &str = "admit-application";
/// Runs the release there.
pub const DEPLOY: &str = "deploy-abroad";
/// Opens the way for users there.
pub const SWITCH: &str = "switch-abroad";
/// Waits for the first user to be answered.
pub const VISIT: &str = "first-request";
/// Makes a mere copy of it again.
pub const DISMISS: &str = "dismiss-application";
/// Ends what runs there.
pub const CLEAR: &str = "clear-abroad";
/// Waits until a replica of the cache has taken over.
pub const TAKE_OVER: &str = "await-primary";
/// Waits until the cache has all its replicas again.
pub const RECOVER: &str = "await-replica";
/// Says what users felt.
pub const MEASURE: &str = "measure";
/// Signs what was seen.
pub const EVIDENCE: &str = "write-evidence";
/// Takes the prober's rows away.
pub const TIDY: &str = "remove-prober";
