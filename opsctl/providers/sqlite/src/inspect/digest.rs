//! The digest of one row: its values with their types, spelled so that no two rows share a spelling.

use opsctl_core::ports::Digest;
use opsctl_core::{Failure, Result};
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::{SqliteRow, SqliteValueRef};
use sqlx::{Decode, Row, Sqlite, TypeInfo, ValueRef};

use super::text::failed;

/// Spells rows into one buffer that is used again and again.
#[derive(Debug, Default)]
pub(super) struct Speller {
    spelled: Vec<u8>,
}

impl Speller {
    /// The spelling of the columns in the range: of each the type, the length and the bytes.
    pub(super) fn spell(
        &mut self,
        row: &SqliteRow,
        columns: std::ops::Range<usize>,
    ) -> Result<&[u8]> {
        self.spelled.clear();
        for column in columns {
            let value = row.try_get_raw(column).map_err(failed("read a row"))?;
            self.add(value).map_err(|error| {
                Failure::failed("a value can't be read").cause(error.to_string())
            })?;
        }
        Ok(&self.spelled)
    }

    fn add(
        &mut self,
        value: SqliteValueRef<'_>,
    ) -> std::result::Result<(), sqlx::error::BoxDynError> {
        let kind = kind(&value);
        self.spelled.push(kind);
        match kind {
            b'i' => {
                let number = <i64 as Decode<Sqlite>>::decode(value)?;
                self.spelled.extend(number.to_le_bytes());
            }
            b'r' => {
                let number = <f64 as Decode<Sqlite>>::decode(value)?;
                self.spelled.extend(number.to_bits().to_le_bytes());
            }
            b'n' => {}
            // Text is taken as bytes: it need not be valid Unicode to be the same.
            _ => {
                let bytes = <&[u8] as Decode<Sqlite>>::decode(value)?;
                self.spelled.extend((bytes.len() as u64).to_le_bytes());
                self.spelled.extend(bytes);
            }
        }
        Ok(())
    }
}

/// The type of the value itself, whatever its column was declared as.
fn kind(value: &SqliteValueRef<'_>) -> u8 {
    if value.is_null() {
        return b'n';
    }
    match value.type_info().name() {
        "INTEGER" => b'i',
        "REAL" => b'r',
        "TEXT" => b't',
        _ => b'b',
    }
}

/// The key as the log of changes spells it: the value as text; several values as a JSON list.
pub(super) fn key_text(row: &SqliteRow, columns: std::ops::Range<usize>) -> Result<String> {
    let mut parts = Vec::new();
    for column in columns {
        let value = row.try_get_raw(column).map_err(failed("read a key"))?;
        let text = match kind(&value) {
            b'n' => Ok("NULL".to_owned()),
            b'i' => <i64 as Decode<Sqlite>>::decode(value).map(|number| number.to_string()),
            b'r' => <f64 as Decode<Sqlite>>::decode(value).map(|number| number.to_string()),
            b't' => <&[u8] as Decode<Sqlite>>::decode(value)
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
            _ => <&[u8] as Decode<Sqlite>>::decode(value).map(hex::encode),
        };
        parts.push(
            text.map_err(|error| Failure::failed("a key can't be read").cause(error.to_string()))?,
        );
    }
    Ok(if parts.len() == 1 {
        parts.remove(0)
    } else {
        serde_json::json!(parts).to_string()
    })
}

/// The digest of one spelled row.
pub(super) fn of(spelled: &[u8]) -> Digest {
    let hash = Sha256::digest(spelled);
    let half = |from: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hash[from..from + 8]);
        u64::from_le_bytes(bytes)
    };
    Digest {
        rows: 1,
        high: half(0),
        low: half(8),
    }
}

/// The bucket of a spelled key (FNV-1a, its high bits mixed in): quick, and good enough to deal rows out.
pub(super) fn bucket(spelled: &[u8], count: u32) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in spelled {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let mixed = hash ^ (hash >> 32) ^ (hash >> 17);
    u32::try_from(mixed % u64::from(count)).unwrap_or(0)
}
