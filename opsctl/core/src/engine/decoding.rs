//! Reading a record of the journal, by whichever opsctl it was written.

use serde_json::Value;

use super::record::{Record, RecordKind};
use crate::failure::{Failure, Result};
use crate::state::{Key, decode};

/// One record.
///
/// # Errors
/// When a newer opsctl wrote it, or it is torn.
pub(super) fn decode_record(key: &Key, bytes: &[u8]) -> Result<Record> {
    if newer(bytes) {
        let version = format_of(bytes).unwrap_or_default();
        return Err(
            Failure::usage(format!("'{key}' is a journal of format {version}"))
                .cause(format!("this opsctl knows format {}", RecordKind::FORMAT))
                .hint("use the newer opsctl that began this operation"),
        );
    }
    decode(key, bytes)
}

/// Whether a newer opsctl wrote this.
pub(super) fn newer(bytes: &[u8]) -> bool {
    format_of(bytes).is_some_and(|format| format > u64::from(RecordKind::FORMAT))
}

fn format_of(bytes: &[u8]) -> Option<u64> {
    serde_json::from_slice::<Value>(bytes)
        .ok()?
        .get("format")?
        .as_u64()
}
