//! Reading simulated databases for proof.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::migrate::Migration;
use opsctl_core::ports::{
    Buckets, Deletion, Digest, EngineCheck, Fate, Inspection, Inspector, Location, Reading,
    RowDigest, Settings, Structure, Table, TableName,
};
use opsctl_core::{Failure, Result};

use super::{Platform, SimulatedDatabase};

#[async_trait]
impl Inspector for Platform {
    async fn open(&self, location: &Location, _: Reading) -> Result<Box<dyn Inspection>> {
        let snapshot = self.database(&location.url).filter(|found| found.answers);
        let snapshot = snapshot
            .ok_or_else(|| Failure::failed(format!("nobody answers at {}", location.url)))?;
        Ok(Box::new(Snapshot(snapshot)))
    }
}

/// What the database was when it was opened.
struct Snapshot(SimulatedDatabase);

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl Snapshot {
    fn all(&self, table: &Table, count: u32) -> Vec<RowDigest> {
        let Some(rows) = self.0.tables.get(&table.name.name) else {
            return Vec::new();
        };
        let digest = |(key, row): (&String, &opsctl_core::ports::Row)| RowDigest {
            bucket: u32::try_from(hash(key) & u64::from(count - 1)).unwrap_or_default(),
            key: key.clone(),
            digest: Digest {
                rows: 1,
                high: hash(row),
                low: hash(&(row, key)),
            },
            version: None,
            change: None,
        };
        rows.iter().map(digest).collect()
    }
}

#[async_trait]
impl Inspection for Snapshot {
    async fn check_engine(&mut self) -> Result<EngineCheck> {
        Ok(EngineCheck {
            checked: "every page".into(),
            faults: self.0.faults.clone(),
        })
    }

    async fn structure(&mut self) -> Result<Structure> {
        let tables = self.0.tables.keys();
        Ok(tables.map(|name| (name.clone(), "table".into())).collect())
    }

    async fn made_by(&mut self, _: &[Migration]) -> Result<Structure> {
        self.structure().await
    }

    async fn sequences_behind(&mut self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn settings(&mut self) -> Result<Settings> {
        Ok(Settings::new())
    }

    async fn tables(&mut self) -> Result<Vec<Table>> {
        let table = |name: &String| Table {
            name: TableName::new("main", name),
            key: vec!["id".into()],
            columns: vec!["id".into(), "other".into()],
            bytes: 0,
            volatile: None,
            logged: false,
        };
        Ok(self.0.tables.keys().map(table).collect())
    }

    async fn digests(&mut self, table: &Table, buckets: Buckets) -> Result<Vec<(u32, Digest)>> {
        let mut found: std::collections::BTreeMap<u32, Digest> = std::collections::BTreeMap::new();
        for row in self.all(table, buckets.count) {
            if buckets.holds(row.bucket) {
                found.entry(row.bucket).or_default().add(row.digest);
            }
        }
        Ok(found.into_iter().collect())
    }

    async fn rows(
        &mut self,
        table: &Table,
        count: u32,
        wanted: &[u32],
        _: Option<&str>,
    ) -> Result<Vec<RowDigest>> {
        let mut rows = self.all(table, count);
        rows.retain(|row| wanted.contains(&row.bucket));
        Ok(rows)
    }

    async fn fates(&mut self, versions: &[u64]) -> Result<Vec<Fate>> {
        Ok(versions.iter().map(|_| Fate::Committed).collect())
    }

    async fn newest_change(&mut self) -> Result<Option<i64>> {
        Ok(None)
    }

    async fn changed_since(&mut self, _: &Table, _: &[String], _: i64) -> Result<BTreeSet<String>> {
        Ok(BTreeSet::new())
    }

    async fn greatest(&mut self, _: &Table, _: &str) -> Result<Option<i64>> {
        Ok(None)
    }

    async fn deletions(&mut self, _: &str, _: &Table, _: &[String]) -> Result<Vec<Deletion>> {
        Ok(Vec::new())
    }

    async fn deletions_until(&mut self, _: &str) -> Result<Option<i64>> {
        Ok(None)
    }

    async fn schema_version(&mut self) -> Result<Option<i64>> {
        Ok(self.0.schema_version)
    }

    async fn heartbeat(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.0.heartbeat)
    }

    async fn close(self: Box<Self>) {}
}
