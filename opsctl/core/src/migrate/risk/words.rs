//! A risk, told to a person.

use super::impact::{Hold, Impact, Work};
use crate::ports::{LiveFacts, TableFacts};

/// `rewrites users (1.2 GiB, about 4,000,000 rows): nobody can read or write it meanwhile`
pub fn tell(impact: &Impact, facts: &LiveFacts) -> String {
    let table = &impact.table;
    let known = facts.of(table);
    let of = known.map_or_else(
        || table.clone(),
        |known| format!("{table} ({})", size(known)),
    );
    let does = match impact.work {
        Work::Moment => format!("locks {of} for a moment"),
        Work::Unknown => return "runs code that can't be judged from its text".into(),
        Work::Builds => format!("builds an index over {of}"),
        Work::Reads => format!("reads all of {of}"),
        Work::Changes => format!("changes rows of {of}"),
        Work::Rewrites => format!("rewrites {of}"),
        Work::Destroys => format!("takes away {of} and every row of it"),
    };
    let others = match (impact.work, impact.hold) {
        (_, Hold::Nothing) => "reads and writes go on beside it",
        (Work::Changes, _) => "those rows can't be written until it is committed",
        (_, Hold::Writes) => "nobody can write it meanwhile",
        (_, Hold::Everything) => "nobody can read or write it meanwhile",
    };
    let mut text = format!("{does}: {others}");
    if let Some(known) = known {
        text.push_str(&traffic(known));
    }
    if let Some(old) = &facts.oldest
        && known.is_some()
    {
        let (pid, login, seconds) = (old.pid, &old.login, old.seconds);
        text.push_str(&format!(
            "; process {pid} ({login}) has a transaction open for {seconds} s, it may wait for that"
        ));
    }
    text
}

fn traffic(known: &TableFacts) -> String {
    let mut text = String::new();
    if let Some(rate) = known.writes_per_second.filter(|rate| *rate >= 0.1) {
        text.push_str(&format!("; it takes about {rate:.1} writes a second"));
    }
    if known.users_now > 0 {
        text.push_str(&format!("; {} transaction(s) use it now", known.users_now));
    }
    text
}

fn size(known: &TableFacts) -> String {
    let bytes = bytes(known.bytes);
    match known.rows {
        Some(rows) => format!("{bytes}, about {} rows", grouped(rows)),
        None => format!("{bytes}, rows not counted yet"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
pub fn bytes(bytes: u64) -> String {
    let (mut figure, mut unit) = (bytes as f64, 0);
    while figure >= 1024.0 && unit < 4 {
        figure /= 1024.0;
        unit += 1;
    }
    let unit = ["B", "KiB", "MiB", "GiB", "TiB"][unit];
    if unit == "B" {
        format!("{bytes} B")
    } else {
        format!("{figure:.1} {unit}")
    }
}

fn grouped(figure: u64) -> String {
    let digits = figure.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
