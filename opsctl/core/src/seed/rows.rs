//! The rows: each follows from its number alone, so that a second run writes the same ones.

use std::time::Duration;

use crate::clock::Timestamp;

/// The password of every sample user.
pub const PASSWORD: &str = "correct horse battery staple";
/// Its hash (argon2id, 19 MiB, 2 passes).
const PASSWORD_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$b3BzY3RsLXNlZWQtZGF0YQ$9nri8vnTmHyOQnd/6okTGXNtNA4xfjrFkz22l4sfQs4";
/// When the first row was made: the data looks back on a year.
const BEGINNING: &str = "2025-01-01T00:00:00Z";
const YEAR: u64 = 365 * 86_400;

const FIRST: [&str; 16] = [
    "Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Margaret", "Ken", "Frances", "Tony",
    "Radia", "Leslie", "Karen", "Dennis", "Jean", "Niklaus",
];
const LAST: [&str; 16] = [
    "Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Hamilton", "Thompson", "Allen",
    "Hoare", "Perlman", "Lamport", "Jones", "Ritchie", "Bartik", "Wirth",
];
const WORDS: [&str; 24] = [
    "backup", "restore", "window", "quiet", "night", "pager", "index", "replica", "harbour",
    "river", "lantern", "commit", "promise", "evidence", "latency", "garden", "ledger", "signal",
    "winter", "archive", "bridge", "engine", "paper", "morning",
];

/// How much data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Volume {
    /// So many users.
    pub users: u64,
    /// So many posts.
    pub posts: u64,
    /// So many comments.
    pub comments: u64,
}

/// A table that is filled, in the order in which the foreign keys want it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// `users`
    Users,
    /// `posts`
    Posts,
    /// `comments`
    Comments,
}

impl Table {
    /// All of them, parents first.
    pub const ALL: [Self; 3] = [Self::Users, Self::Posts, Self::Comments];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Posts => "posts",
            Self::Comments => "comments",
        }
    }

    /// The columns that are written.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Users => &[
                "id",
                "email",
                "password_hash",
                "first_name",
                "last_name",
                "created_at",
                "updated_at",
            ],
            Self::Posts => &[
                "id",
                "user_id",
                "title",
                "content",
                "published",
                "created_at",
                "updated_at",
            ],
            Self::Comments => &["id", "post_id", "user_id", "content", "created_at"],
        }
    }

    /// How many rows it gets.
    #[must_use]
    pub const fn rows(self, volume: Volume) -> u64 {
        match self {
            Self::Users => volume.users,
            Self::Posts => volume.posts,
            Self::Comments => volume.comments,
        }
    }
}

/// A run of rows of one table, as text in the order of its columns.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The table.
    pub table: Table,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl Batch {
    /// The rows `from..to` of a table.
    #[must_use]
    pub fn of(table: Table, volume: Volume, from: u64, to: u64) -> Self {
        let row = |number| match table {
            Table::Users => user(number, volume),
            Table::Posts => post(number, volume),
            Table::Comments => comment(number, volume),
        };
        Self {
            table,
            rows: (from..to).map(row).collect(),
        }
    }
}

fn user(n: u64, volume: Volume) -> Vec<String> {
    let (first, last) = (pick(&FIRST, n, 1), pick(&LAST, n, 2));
    let email = format!(
        "{}.{}.{n}@example.com",
        first.to_lowercase(),
        last.to_lowercase()
    );
    let (made, changed) = (
        moment(n, volume.users, 0),
        moment(n, volume.users, mix(n, 3) % 90_000),
    );
    let hash = PASSWORD_HASH.to_owned();
    vec![
        id(Table::Users, n),
        email,
        hash,
        first.into(),
        last.into(),
        made,
        changed,
    ]
}

fn post(n: u64, volume: Volume) -> Vec<String> {
    let author = id(Table::Users, mix(n, 4) % volume.users.max(1));
    let made = moment(n, volume.posts, 0);
    let changed = moment(n, volume.posts, mix(n, 5) % 90_000);
    let published = if mix(n, 6).is_multiple_of(5) {
        "0"
    } else {
        "1"
    };
    let (title, content) = (sentence(n, 7, 4), sentence(n, 8, 40));
    vec![
        id(Table::Posts, n),
        author,
        title,
        content,
        published.into(),
        made,
        changed,
    ]
}

fn comment(n: u64, volume: Volume) -> Vec<String> {
    let post = id(Table::Posts, mix(n, 9) % volume.posts.max(1));
    let author = id(Table::Users, mix(n, 10) % volume.users.max(1));
    let made = moment(n, volume.comments, 0);
    vec![
        id(Table::Comments, n),
        post,
        author,
        sentence(n, 11, 12),
        made,
    ]
}

/// A UUID that follows from the table and the number.
fn id(table: Table, n: u64) -> String {
    let salt = 100 + table as u64;
    let (high, low) = (mix(n, salt).to_be_bytes(), mix(n, salt + 50).to_be_bytes());
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&high);
    bytes[8..].copy_from_slice(&low);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// Spread evenly over the year, `later` seconds on.
fn moment(n: u64, of: u64, later: u64) -> String {
    let beginning =
        Timestamp::parse(BEGINNING).unwrap_or(Timestamp(time::OffsetDateTime::UNIX_EPOCH));
    let step = u128::from(YEAR) * 1000 * u128::from(n) / u128::from(of.max(1));
    let after = Duration::from_millis(u64::try_from(step).unwrap_or(0) + later * 1000);
    let at = beginning.plus(after).0;
    let (date, clock) = (at.date(), at.time());
    let (hour, minute, second) = (clock.hour(), clock.minute(), clock.second());
    format!(
        "{date}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        clock.millisecond()
    )
}

fn sentence(n: u64, salt: u64, words: u64) -> String {
    let count = words / 2 + mix(n, salt) % (words / 2 + 1);
    let mut text = String::new();
    for place in 0..count.max(2) {
        let word = pick(&WORDS, n, salt * 1000 + place);
        if place > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
    if let Some(first) = text.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    text
}

fn pick<'a>(from: &[&'a str], n: u64, salt: u64) -> &'a str {
    let place = usize::try_from(mix(n, salt)).unwrap_or(0) % from.len();
    from.get(place).copied().unwrap_or("word")
}

/// SplitMix64: spreads neighbouring numbers far apart.
const fn mix(n: u64, salt: u64) -> u64 {
    let mut z = n
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(salt.wrapping_mul(0xd1b5_4a32_d192_ed03))
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const SMALL: Volume = Volume {
        users: 50,
        posts: 200,
        comments: 1000,
    };

    #[test]
    fn the_same_numbers_give_the_same_rows() {
        for table in Table::ALL {
            let (one, two) = (Batch::of(table, SMALL, 3, 9), Batch::of(table, SMALL, 3, 9));
            assert_eq!(one.rows, two.rows);
            assert!(
                one.rows
                    .iter()
                    .all(|row| row.len() == table.columns().len())
            );
        }
    }

    #[test]
    fn every_parent_is_there_and_every_id_is_its_own() {
        let ids = |table: Table| -> HashSet<String> {
            let rows = Batch::of(table, SMALL, 0, table.rows(SMALL)).rows;
            rows.into_iter().map(|mut row| row.swap_remove(0)).collect()
        };
        let (users, posts) = (ids(Table::Users), ids(Table::Posts));
        assert_eq!(
            (users.len(), posts.len(), ids(Table::Comments).len()),
            (50, 200, 1000)
        );
        for row in Batch::of(Table::Comments, SMALL, 0, 1000).rows {
            assert!(posts.contains(&row[1]) && users.contains(&row[2]));
        }
    }

    #[test]
    fn nothing_was_changed_before_it_was_made() {
        for row in Batch::of(Table::Posts, SMALL, 0, 200).rows {
            assert!(row[5] <= row[6], "{row:?}");
        }
    }
}
