//! One part of what runs here and how it is. It says good, warning or bad in words as well: nothing by colour alone.

use super::html::escape;

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Good,
    Warning,
    Bad,
}

impl Health {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warn",
            Self::Bad => "bad",
        }
    }
}

/// One part.
#[derive(Debug)]
pub struct Part {
    pub name: &'static str,
    pub what: String,
    pub health: Health,
    pub state: String,
}

/// One whose words are known beforehand.
pub fn part(name: &'static str, what: &str, health: Health, state: &str) -> Part {
    Part {
        name,
        what: what.to_owned(),
        health,
        state: state.to_owned(),
    }
}

/// A line of each.
pub fn rows(parts: &[Part]) -> String {
    parts.iter().map(row).collect()
}

fn row(part: &Part) -> String {
    let (name, what, class) = (part.name, escape(&part.what), part.health.class());
    let state = escape(&part.state);
    format!(
        "<div class=\"row\"><span class=\"name\">{name}</span><span class=\"what\" dir=\"auto\">{what}</span>\
         <span class=\"state {class}\"><span class=\"dot\"></span>{state}</span></div>\n"
    )
}

/// All of them in one sentence.
pub fn verdict(parts: &[Part]) -> String {
    let worst = |health| parts.iter().any(|part| part.health == health);
    let (class, verdict) = match () {
        () if worst(Health::Bad) => ("bad", "Something is wrong"),
        () if worst(Health::Warning) => ("warn", "Not everything is as usual"),
        () => ("good", "Everything works"),
    };
    format!("<div class=\"verdict {class}\"><span class=\"dot\"></span>{verdict}</div>")
}
