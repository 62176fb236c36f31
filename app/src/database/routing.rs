//! Which server a read goes to. Whoever shows how far it has seen may be answered by a replica that is as far; whoever shows
//! nothing is answered by the primary. So a client reads its own writes on every process, and no process has to know of another.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::engine::EngineAccess;
use super::{Database, Reader, Unavailable};

const POSITION: &str = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint";
const GIVE_UP: Duration = Duration::from_secs(2);

/// How far somebody has seen. As text it is opaque to clients, and no secret: a false one only reaches an older answer, or the
/// primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen(u64);

impl Seen {
    /// Further than any replica is: for a write of which nobody can say where it stands.
    const BEYOND: Self = Self(u64::MAX);
}

impl fmt::Display for Seen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

impl FromStr for Seen {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = digits.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or(())
    }
}

impl Database {
    /// For an answer that must hold what its client has written, and may otherwise be a moment old.
    pub fn read_after(&self, seen: Option<Seen>) -> Result<Reader, Unavailable> {
        let reader = self.read()?;
        Ok(match seen {
            Some(Seen(position)) => self.at_replica(reader, position),
            None => reader,
        })
    }

    /// For an answer that may be a moment old, whoever wrote: a report over days.
    pub fn read_stale(&self) -> Result<Reader, Unavailable> {
        let reader = self.read()?;
        Ok(self.at_replica(reader, 0))
    }

    fn at_replica(&self, reader: Reader, position: u64) -> Reader {
        let Some(replica) = self.replica() else {
            return reader;
        };
        let (reader, target) = match reader.engine() {
            EngineAccess::Postgres(primary) if replica.has(position) => {
                let pool = replica.or(primary);
                (reader.through(pool), "replica")
            }
            _ => (reader, "primary"),
        };
        metrics::counter!("database_reads_total", "target" => target).increment(1);
        reader
    }

    /// How far somebody has seen whose write has just ended; None where there is no replica to be behind.
    pub async fn seen_now(&self) -> Option<Seen> {
        self.replica()?;
        let position = async {
            let reader = self.read_in_any_mode().ok()?;
            let EngineAccess::Postgres(primary) = reader.engine() else {
                return None;
            };
            let position: i64 = sqlx::query_scalar(POSITION).fetch_one(primary).await.ok()?;
            u64::try_from(position).ok().map(Seen)
        };
        let position = tokio::time::timeout(GIVE_UP, position).await;
        Some(position.ok().flatten().unwrap_or(Seen::BEYOND))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_out_is_read_back() {
        let seen = Seen(0x0123_4567_89ab_cdef);
        assert_eq!(seen.to_string().parse(), Ok(seen));
        assert_eq!(Seen::BEYOND.to_string().parse(), Ok(Seen::BEYOND));
        for text in [
            "",
            "1",
            "0x00000000000001",
            "+000000000000001",
            "g000000000000000",
        ] {
            assert!(text.parse::<Seen>().is_err(), "{text}");
        }
    }
}
