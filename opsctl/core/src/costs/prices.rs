//! The table of list prices: what was read where and when, and what `opsctl.yaml` says instead.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::Error as _;

use super::usd::Usd;

/// The prices that come with this opsctl.
const BUILT_IN: &str = include_str!("prices.yaml");

/// Prices by region.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Prices(BTreeMap<String, RegionPrices>);

/// The prices of RDS for PostgreSQL in one region, on demand, in one zone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionPrices {
    /// The day they were read.
    pub as_of: Day,
    /// Where they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Of an instance for an hour, by its class.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub instance_hour: BTreeMap<String, Price>,
    /// Of a gigabyte of storage for a month, by its type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub storage_gb_month: BTreeMap<String, Price>,
}

/// A price. Nothing is given away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Price(pub(super) Usd);

impl<'de> serde::Deserialize<'de> for Price {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let price = Usd::deserialize(from)?;
        match price.dollars() > 0.0 {
            true => Ok(Self(price)),
            false => Err(D::Error::custom(
                "a price of 0 is none: leave it out, and it is unknown",
            )),
        }
    }
}

/// A day, as `2026-11-28`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(time::Date);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let form = time::macros::format_description!("[year]-[month]-[day]");
        let day = time::Date::parse(&text, form);
        day.map(Self)
            .map_err(|_| D::Error::custom(format!("'{text}' is no day: write it as 2026-11-28")))
    }
}

/// A price with the day it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub price: Usd,
    pub as_of: Day,
}

impl Prices {
    /// Those that come with this opsctl, with those of `opsctl.yaml` before them.
    #[must_use]
    pub fn with(own: &Self) -> [Self; 2] {
        [own.clone(), built_in()]
    }

    fn region(&self, region: &str) -> Option<&RegionPrices> {
        self.0.get(region)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn built_in() -> Prices {
    serde_yaml::from_str(BUILT_IN).expect("a test reads the same file")
}

/// The first price that any of them knows.
pub(super) fn find(
    tables: &[Prices],
    region: &str,
    of: impl Fn(&RegionPrices) -> Option<Price>,
) -> Option<Known> {
    tables.iter().find_map(|table| {
        let found = table.region(region)?;
        let Price(price) = of(found)?;
        let as_of = found.as_of;
        Some(Known { price, as_of })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_that_comes_along_is_dated_and_says_where_it_was_read() {
        let prices: Prices = serde_yaml::from_str(BUILT_IN).unwrap();
        assert!(!prices.is_empty());
        for (region, prices) in &prices.0 {
            assert!(
                prices.source.as_ref().is_some_and(|it| it.len() > 20),
                "{region}"
            );
            let count = prices.instance_hour.len() + prices.storage_gb_month.len();
            assert!(count > 0, "{region}");
        }
    }

    #[test]
    fn a_price_of_nothing_and_a_day_in_other_words_are_refused() {
        let read = |text: &str| serde_yaml::from_str::<Prices>(text).map_err(|it| it.to_string());
        let zero = "eu-west-1: {as_of: 2026-11-28, instance_hour: {db.t4g.micro: 0}}";
        assert!(read(zero).unwrap_err().contains("a price of 0"));
        let day = "eu-west-1: {as_of: yesterday}";
        assert!(read(day).unwrap_err().contains("is no day"));
    }
}
