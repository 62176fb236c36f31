//! From a size to what it costs. Pure.

use std::fmt;

use super::prices::{Day, Known, Prices, find};
use super::usd::Usd;
use crate::clock::Timestamp;
use crate::ports::Sizing;

/// As many hours as AWS counts in a month.
const HOURS_A_MONTH: f64 = 730.0;
const HOURS_A_DAY: f64 = 24.0;

/// What keeping one instance costs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// What is paid for.
    pub what: String,
    /// For an hour; `None` where a price of a part is not known, which is never the same as nothing.
    pub usd_per_hour: Option<Usd>,
    /// What has no known price, or why nothing is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// When the oldest of the prices was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices_of: Option<Day>,
}

/// What a drill's instance came to, from its plan to its evidence.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spent {
    /// Of what.
    pub of: Cost,
    /// So many minutes were counted: it was not there for longer.
    pub minutes: u64,
    /// At most so much; `None`: unknown.
    pub usd: Option<Usd>,
}

impl Cost {
    /// Of an instance of that size.
    #[must_use]
    pub fn of(sizing: &Sizing, own: &Prices) -> Self {
        let tables = Prices::with(own);
        let parts = [instance(sizing, &tables), storage(sizing, &tables)];
        let twice = if sizing.multi_az { 2.0 } else { 1.0 };
        let known: Option<Vec<Known>> = parts
            .iter()
            .map(|part| part.as_ref().ok().copied())
            .collect();
        let sum = known.as_ref().map(|all| {
            let all = all.iter().map(|it| it.price.dollars());
            Usd::of(all.sum::<f64>() * twice)
        });
        Self {
            what: words(sizing),
            usd_per_hour: sum.flatten(),
            prices_of: known.and_then(|all| all.iter().map(|it| it.as_of).min()),
            unknown: parts
                .into_iter()
                .filter_map(std::result::Result::err)
                .collect(),
        }
    }

    /// Of something whose size can't be told.
    #[must_use]
    pub fn untold(what: &str, why: String) -> Self {
        Self {
            what: what.to_owned(),
            usd_per_hour: None,
            unknown: vec![why],
            prices_of: None,
        }
    }

    /// For so many hours.
    #[must_use]
    pub fn over(&self, hours: f64) -> Option<Usd> {
        self.usd_per_hour?.times(hours)
    }

    /// For a day.
    #[must_use]
    pub fn a_day(&self) -> Option<Usd> {
        self.over(HOURS_A_DAY)
    }

    /// What it came to between two moments.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Spent {
        let minutes = from.age(to).as_secs().div_ceil(60);
        #[allow(clippy::cast_precision_loss)]
        let hours = minutes as f64 / 60.0;
        Spent {
            of: self.clone(),
            minutes,
            usd: self.over(hours),
        }
    }

    /// For something that is made and ended again: by the hour, and at most.
    #[must_use]
    pub fn until(&self, now: Timestamp, end: Timestamp) -> String {
        match (self.usd_per_hour, self.between(now, end).usd) {
            (Some(hour), Some(all)) => format!(
                "about {hour} an hour ({self}); it is ended at the end of the drill, at most {all} until {end}"
            ),
            _ => self.to_string(),
        }
    }

    /// For something that is kept.
    #[must_use]
    pub fn while_kept(&self) -> String {
        match self.a_day() {
            Some(day) => format!("about {day} a day ({self})"),
            None => self.to_string(),
        }
    }
}

/// What it is for and by which prices, or what is not known of them.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.what;
        match self.prices_of {
            Some(day) if self.unknown.is_empty() => write!(f, "{what}, list prices of {day}"),
            _ => write!(f, "unknown: {what}; {}", self.unknown.join("; ")),
        }
    }
}

fn words(sizing: &Sizing) -> String {
    let class = sizing.class.as_deref().unwrap_or("of a class unknown");
    let zones = if sizing.multi_az { " in two zones" } else { "" };
    let (gib, kind) = (sizing.storage_gib, sizing.storage_type.as_deref());
    let storage = match (gib, kind) {
        (Some(gib), Some(kind)) => format!("{gib} GiB {kind}"),
        _ => "storage unknown".to_owned(),
    };
    format!("{class}{zones}, {storage}, {}", sizing.region)
}

/// Of the instance for an hour; what is not known in words.
fn instance(sizing: &Sizing, tables: &[Prices]) -> std::result::Result<Known, String> {
    let region = &sizing.region;
    let class = sizing.class.as_ref().ok_or("its class")?;
    find(tables, region, |it| it.instance_hour.get(class).copied())
        .ok_or_else(|| no_price(&format!("{class} in {region}")))
}

/// Of its storage for an hour.
fn storage(sizing: &Sizing, tables: &[Prices]) -> std::result::Result<Known, String> {
    let region = &sizing.region;
    let (Some(kind), Some(gib)) = (&sizing.storage_type, sizing.storage_gib) else {
        return Err("its storage".to_owned());
    };
    let month = find(tables, region, |it| it.storage_gb_month.get(kind).copied())
        .ok_or_else(|| no_price(&format!("storage {kind} in {region}")))?;
    let hour = month.price.times(f64::from(gib) / HOURS_A_MONTH);
    let price = hour.ok_or_else(|| format!("{gib} GiB is no size"))?;
    Ok(Known { price, ..month })
}

fn no_price(of: &str) -> String {
    format!("no list price of {of} (`aws.prices` in opsctl.yaml)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> Prices {
        serde_yaml::from_str(text).unwrap()
    }

    fn sizing(class: &str, multi_az: bool) -> Sizing {
        Sizing {
            region: "eu-central-1".into(),
            class: Some(class.into()),
            multi_az,
            storage_type: Some("gp3".into()),
            storage_gib: Some(73),
        }
    }

    const OURS: &str = "eu-central-1: {as_of: 2026-11-28, instance_hour: {db.m7g.large: 0.2}, storage_gb_month: {gp3: 0.1}}";

    #[test]
    fn an_instance_costs_its_hour_and_its_share_of_a_month_of_storage_and_twice_that_in_two_zones()
    {
        let one = Cost::of(&sizing("db.m7g.large", false), &own(OURS));
        assert_eq!(one.usd_per_hour, Usd::of(0.2 + 73.0 * 0.1 / 730.0));
        assert_eq!(one.a_day(), Usd::of(24.0 * 0.21));
        let two = Cost::of(&sizing("db.m7g.large", true), &own(OURS));
        assert_eq!(two.usd_per_hour, Usd::of(0.42));
        assert!(
            two.while_kept()
                .starts_with("about 10.08 USD a day (db.m7g.large in two zones")
        );
    }

    #[test]
    fn what_has_no_price_is_unknown_and_never_nothing() {
        let cost = Cost::of(&sizing("db.x9z.huge", false), &own(OURS));
        assert_eq!((cost.usd_per_hour, cost.a_day()), (None, None));
        let told = cost.while_kept();
        assert!(told.starts_with("unknown: "), "{told}");
        assert!(
            told.contains("no list price of db.x9z.huge in eu-central-1"),
            "{told}"
        );
        let nowhere = Sizing {
            region: "mars-1".into(),
            ..sizing("db.m7g.large", false)
        };
        assert_eq!(Cost::of(&nowhere, &own(OURS)).unknown.len(), 2);
        let document = serde_json::to_value(&cost).unwrap();
        assert!(document["usd_per_hour"].is_null());
    }

    #[test]
    fn a_price_of_our_own_goes_before_the_one_that_comes_along_and_the_older_day_is_told() {
        let mixed = own("eu-central-1: {as_of: 2026-11-28, instance_hour: {db.t4g.micro: 0.5}}");
        let cost = Cost::of(&sizing("db.t4g.micro", false), &mixed);
        let storage = 73.0 * 0.137 / 730.0;
        assert_eq!(cost.usd_per_hour, Usd::of(0.5 + storage));
        assert_eq!(cost.prices_of.unwrap().to_string(), "2026-07-01");
    }

    #[test]
    fn a_minute_that_has_begun_counts_and_a_bound_is_told_beforehand() {
        let cost = Cost::of(&sizing("db.m7g.large", false), &own(OURS));
        let now = Timestamp::parse("2026-11-28T10:00:00Z").unwrap();
        let later = now.plus(std::time::Duration::from_secs(90 * 60 + 1));
        let spent = cost.between(now, later);
        assert_eq!((spent.minutes, spent.usd), (91, Usd::of(0.3185)));
        assert!(cost.until(now, later).contains("at most 0.32 USD until"));
    }
}
