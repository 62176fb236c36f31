//! The digest of a row as an expression that the server computes. Pure.
//!
//! Each column is hashed with the hash of the columns before it as its seed, so that the order and the
//! boundaries of values count. Only hashes that see every bit are used: `hashint8extended` folds its value
//! to 32 bits and the hashes of `numeric` or `jsonb` find different spellings equal, so that all but UUIDs
//! and texts are hashed as they are printed. Rows are summed, never combined by XOR: a row that stands
//! twice must not vanish.

use super::text::quoted;

/// How a column is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// 16 bytes.
    Uuid,
    /// Its bytes, whatever its collation finds equal.
    Text,
    /// As it is printed.
    Printed,
}

/// A column as the hash needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
}

/// The seeds of the two halves of a digest, and of the bucket.
pub(super) const HIGH: i64 = 1;
pub(super) const LOW: i64 = 2;
const BUCKET: i64 = 7;

/// A 64-bit hash over the columns of the row `t`, in their order.
pub(super) fn chain(columns: &[Column], seed: i64) -> String {
    let mut hash = format!("{seed}::int8");
    for column in columns {
        let value = format!("t.{}", quoted(&column.name));
        let or = |value: String, nothing: &str| match column.nullable {
            true => format!("coalesce({value}, {nothing})"),
            false => value,
        };
        hash = match column.kind {
            Kind::Uuid => {
                let value = or(value, "'00000000-0000-0000-0000-000000000000'::uuid");
                format!("uuid_hash_extended({value}, {hash})")
            }
            Kind::Text => text(&or(format!("{value}::text"), "''"), &hash),
            Kind::Printed => text(&or(format!("{value}::text"), "''"), &hash),
        };
    }
    // Which of them are null, so that nothing is not taken for the empty text.
    let nulls: Vec<String> = columns
        .iter()
        .filter(|column| column.nullable)
        .map(|column| {
            format!(
                "CASE WHEN t.{} IS NULL THEN '1' ELSE '0' END",
                quoted(&column.name)
            )
        })
        .collect();
    if nulls.is_empty() {
        return hash;
    }
    text(&format!("({})", nulls.join(" || ")), &hash)
}

fn text(value: &str, seed: &str) -> String {
    format!("hashtextextended({value} COLLATE \"C\", {seed})")
}

/// The bucket of the row: by its key, or by all of it where nothing tells rows apart.
pub(super) fn bucket(key: &[Column], all: &[Column], count: u32) -> String {
    let hash = if key.is_empty() {
        chain(all, HIGH)
    } else {
        chain(key, BUCKET)
    };
    format!("({hash} & {})::int4", count - 1)
}

/// The key as the deletion log spells it.
pub(super) fn key_text(key: &[Column]) -> String {
    match key {
        [] => "''".into(),
        [one] => format!("t.{}::text", quoted(&one.name)),
        several => {
            let all: Vec<String> = several
                .iter()
                .map(|column| format!("t.{}", quoted(&column.name)))
                .collect();
            format!("ROW({})::text", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: Kind, nullable: bool) -> Column {
        Column {
            name: name.into(),
            kind,
            nullable,
        }
    }

    #[test]
    fn a_columns_seed_is_the_hash_of_those_before_it() {
        let columns = [
            column("id", Kind::Uuid, false),
            column("we\"ird", Kind::Printed, false),
        ];
        assert_eq!(
            chain(&columns, 1),
            "hashtextextended(t.\"we\"\"ird\"::text COLLATE \"C\", uuid_hash_extended(t.\"id\", 1::int8))"
        );
    }

    #[test]
    fn nothing_is_not_taken_for_the_empty_text() {
        let hash = chain(&[column("a", Kind::Text, true)], 1);
        assert!(
            hash.contains("coalesce(t.\"a\"::text, '')") && hash.contains("IS NULL"),
            "{hash}"
        );
    }

    #[test]
    fn a_table_without_columns_still_has_a_hash() {
        assert_eq!(chain(&[], 2), "2::int8");
    }
}
