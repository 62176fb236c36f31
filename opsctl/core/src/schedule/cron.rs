//! Moments as a CronJob names them: five fields of numbers, in UTC. What its author may have meant otherwise is refused.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use time::{Date, Month};

use crate::failure::{Failure, Result};

/// Runs a day: what is wanted more often is no schedule of ours.
const MOST_A_DAY: usize = 24;
/// Two turns of the leap year.
const YEARS: std::ops::Range<i32> = 2024..2032;
const MINUTES_A_DAY: u64 = 24 * 60;

/// When something runs, again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    /// Minutes of a day.
    times: Vec<u64>,
    days: Option<Vec<u8>>,
    months: Option<Vec<u8>>,
    /// 0 is Sunday.
    weekdays: Option<Vec<u8>>,
}

impl Cron {
    /// All of them over some years, as minutes since the first day; never none.
    #[must_use]
    pub fn moments(&self) -> Vec<u64> {
        let mut all = Vec::new();
        for (number, day) in days().enumerate() {
            if self.is_on(day) {
                let begins = number as u64 * MINUTES_A_DAY;
                all.extend(self.times.iter().map(|time| begins + time));
            }
        }
        all
    }

    /// The longest time from one to the next.
    #[must_use]
    pub fn longest_gap(&self) -> Duration {
        let moments = self.moments();
        let gaps = moments.windows(2).map(|two| two[1] - two[0]);
        minutes(gaps.max().unwrap_or(0))
    }

    fn is_on(&self, day: Date) -> bool {
        let holds = |field: &Option<Vec<u8>>, value| {
            field.as_ref().is_none_or(|field| field.contains(&value))
        };
        holds(&self.days, day.day())
            && holds(&self.months, day.month().into())
            && holds(&self.weekdays, day.weekday().number_days_from_sunday())
    }
}

/// So many minutes.
pub fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

fn days() -> impl Iterator<Item = Date> {
    let first = Date::from_calendar_date(YEARS.start, Month::January, 1).ok();
    let all = std::iter::successors(first, |day| day.next_day());
    all.take_while(|day| day.year() < YEARS.end)
}

impl FromStr for Cron {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        parsed(text).map_err(|why| {
            Failure::usage(format!("'{text}' is no time of a schedule"))
                .cause(why)
                .hint("write minute, hour, day, month and weekday in UTC: 15 1,13 * * *")
        })
    }
}

fn parsed(text: &str) -> std::result::Result<Cron, String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else {
        return Err(format!("it has {} fields and not five", fields.len()));
    };
    let all = |field: Option<Vec<u8>>, most: u8| field.unwrap_or_else(|| (0..=most).collect());
    let minute = all(field("minute", minute, (0, 59))?, 59);
    let hours = all(field("hour", hour, (0, 23))?, 23).into_iter();
    let times: Vec<u64> = hours
        .flat_map(|hour| {
            minute
                .iter()
                .map(move |it| u64::from(hour) * 60 + u64::from(*it))
        })
        .collect();
    let cron = Cron {
        text: text.to_owned(),
        times,
        days: field("day", day, (1, 31))?,
        months: field("month", month, (1, 12))?,
        weekdays: field("weekday", weekday, (0, 6))?,
    };
    if cron.times.len() > MOST_A_DAY {
        return Err(format!("it runs {} times a day", cron.times.len()));
    }
    if cron.days.is_some() && cron.weekdays.is_some() {
        return Err("a day and a weekday: either of them would do, which few expect".into());
    }
    match cron.moments().len() {
        0 | 1 => Err("it never comes".into()),
        _ => Ok(cron),
    }
}

/// The values of a field in their order; None: any.
fn field(name: &str, text: &str, within: (u8, u8)) -> std::result::Result<Option<Vec<u8>>, String> {
    if text == "*" {
        return Ok(None);
    }
    let mut values = Vec::new();
    for part in text.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let (from, to) = match range {
            "*" => within,
            _ => {
                let (from, to) = range.split_once('-').unwrap_or((range, range));
                (number(name, from, within)?, number(name, to, within)?)
            }
        };
        let step = step.parse::<u8>().ok().filter(|step| *step > 0);
        let step = step.ok_or_else(|| format!("the {name} '{part}' has a step that is none"))?;
        if from > to {
            return Err(format!("the {name} '{part}' runs backwards"));
        }
        values.extend((from..=to).step_by(step.into()));
    }
    values.sort_unstable();
    values.dedup();
    Ok(Some(values))
}

fn number(name: &str, text: &str, (least, most): (u8, u8)) -> std::result::Result<u8, String> {
    let number = text.parse::<u8>().ok();
    let number = number.filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("the {name} is '{text}': from {least} to {most}"))
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl serde::Serialize for Cron {
    fn serialize<S: serde::Serializer>(&self, into: S) -> std::result::Result<S::Ok, S::Error> {
        into.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Cron {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        // Where a document is read only the first words are shown: the cause has to be among them.
        parsed(&text).map_err(|why| serde::de::Error::custom(format!("'{text}': {why}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_is_that_of_the_worst_month() {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        for (text, gap) in [
            ("15 1 * * *", days(1)),
            ("0 */8 * * *", days(1) / 3),
            ("0 0 1 * *", days(31)),
            ("0 0 1,16 * *", days(16)),
            ("0 9 1 2,5,8,11 *", days(92)),
            ("30 3 * * 0", days(7)),
            ("0 0 29 2 *", days(1461)),
        ] {
            let cron: Cron = text.parse().unwrap();
            assert_eq!(cron.longest_gap(), gap, "{text}");
            assert_eq!(cron.to_string(), text);
        }
    }

    #[test]
    fn what_may_be_meant_otherwise_or_never_comes_is_refused_with_the_reason() {
        for (text, why) in [
            ("15 1 * *", "4 fields"),
            ("60 1 * * *", "the minute is '60'"),
            ("0 1 * JAN *", "the month is 'JAN'"),
            ("0 5-3 * * *", "runs backwards"),
            ("0 */0 * * *", "a step that is none"),
            ("0 1 1 * 1", "a day and a weekday"),
            ("* * * * *", "1440 times a day"),
            ("0 0 31 2 *", "it never comes"),
            ("", "0 fields"),
        ] {
            let refused = text.parse::<Cron>().unwrap_err();
            assert!(
                refused.to_string().contains(why)
                    || refused.causes.iter().any(|it| it.contains(why)),
                "{text}: {refused:?}"
            );
        }
    }
}
