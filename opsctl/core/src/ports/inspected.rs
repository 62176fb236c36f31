//! What an inspection reads: tables, digests, rows, structure, settings.

use std::collections::BTreeMap;
use std::fmt;

/// A table, whichever schema it is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The schema; `main` on SQLite.
    pub schema: String,
    /// The table.
    pub name: String,
}

impl TableName {
    /// The name in its schema.
    #[must_use]
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for TableName {
    /// The usual schema goes without saying.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.schema.as_str() {
            "public" | "main" => f.write_str(&self.name),
            schema => write!(f, "{schema}.{}", self.name),
        }
    }
}

/// A table that can be read row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// The columns that tell rows apart; empty when nothing does.
    pub key: Vec<String>,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// About how large it is, in bytes; 0 when unknown.
    pub bytes: u64,
    /// Why its rows can't be expected in a copy, in words; `None` for every ordinary table.
    pub volatile: Option<String>,
    /// True when the database writes every change of it into `row_changes`.
    pub logged: bool,
}

/// How rows are dealt into buckets: by a hash of the key, or of the whole row where there is no key. Both
/// sides of a comparison use the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buckets {
    /// How many; a power of two.
    pub count: u32,
    /// The first of those that are read.
    pub first: u32,
    /// How many are read, wrapping around at `count`.
    pub read: u32,
}

impl Buckets {
    /// All of `count` buckets.
    #[must_use]
    pub const fn all(count: u32) -> Self {
        Self {
            count,
            first: 0,
            read: count,
        }
    }

    /// True when that bucket is read.
    #[must_use]
    pub const fn holds(&self, bucket: u32) -> bool {
        let offset = bucket.wrapping_sub(self.first) & (self.count - 1);
        offset < self.read
    }

    /// True when no bucket is left out.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.read >= self.count
    }
}

/// A digest of any number of rows. Adding is the same in any order, so that no sort is needed; and unlike
/// XOR, a row that stands twice does not vanish.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    /// How many rows.
    pub rows: u64,
    /// The sum of the first halves of their hashes, modulo 2^64.
    pub high: u64,
    /// The sum of the second halves.
    pub low: u64,
}

impl Digest {
    /// Adds another digest to this one.
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.high = self.high.wrapping_add(other.high);
        self.low = self.low.wrapping_add(other.low);
    }

    /// The digest of all of them together.
    #[must_use]
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        all.into_iter().for_each(|one| sum.add(*one));
        sum
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}{:016x}", self.rows, self.high, self.low)
    }
}

/// One row, told apart but not shown: its content never leaves the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDigest {
    /// Its bucket.
    pub bucket: u32,
    /// Its key as text, as the deletion log spells it; empty where the table has none.
    pub key: String,
    /// The digest of this one row.
    pub digest: Digest,
    /// PostgreSQL: the transaction that wrote this version, with its epoch. `None` for a version that is
    /// as old as the database.
    pub version: Option<u64>,
    /// The value of the declared change column.
    pub change: Option<i64>,
}

/// What became of a transaction, as one server knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It took effect here.
    Committed,
    /// It did not: it was rolled back, or was still running when the copy was cut off.
    Absent,
}

/// An entry of a deletion log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The key of the row that was deleted.
    pub key: String,
    /// PostgreSQL: the transaction that deleted it.
    pub version: Option<u64>,
    /// SQLite: the entry's place in its log.
    pub position: Option<i64>,
}

/// Every object of a database by its name, with its definition as the engine spells it.
pub type Structure = BTreeMap<String, String>;

/// Every setting that matters, by name.
pub type Settings = BTreeMap<String, String>;

/// What the engine's own checks said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineCheck {
    /// What was checked, in words.
    pub checked: String,
    /// What is wrong, naming the object.
    pub faults: Vec<String>,
}
