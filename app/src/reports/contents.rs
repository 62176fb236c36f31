//! What stands in a report: words and numbers, ready to be drawn. Pure.

use std::collections::BTreeMap;

use super::number::{Unit, dash};
use crate::database::{Day, Timestamp};
use crate::figures::{DayFigures, DayTraffic};

/// Days of a chart, and of the table.
pub const CHART_DAYS: i64 = 30;
const TABLE_DAYS: usize = 14;

/// A whole report.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    pub day: Day,
    pub environment: String,
    pub made_at: String,
    pub metrics: Vec<Metric>,
    pub charts: Vec<Series>,
    pub rows: Vec<Vec<String>>,
}

/// A key metric, beside what it was a week before.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    pub name: &'static str,
    pub value: String,
    unit: Unit,
    now: Option<f64>,
    before: Option<f64>,
    wanted: Wanted,
}

/// Which way a metric should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Up,
    Down,
    /// More requests are neither good nor bad.
    Either,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Better,
    Worse,
    Neither,
}

/// A figure over days.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub name: &'static str,
    pub shape: Shape,
    pub unit: Unit,
    pub points: Vec<(Day, Option<f64>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Bars,
    Line,
}

impl Metric {
    /// Whether there is a figure at all.
    pub fn is_known(&self) -> bool {
        self.now.is_some()
    }

    pub fn direction(&self) -> Direction {
        let (Some(now), Some(before)) = (self.now, self.before) else {
            return Direction::Neither;
        };
        match (self.wanted, now.total_cmp(&before)) {
            (Wanted::Either, _) | (_, std::cmp::Ordering::Equal) => Direction::Neither,
            (Wanted::Up, std::cmp::Ordering::Greater)
            | (Wanted::Down, std::cmp::Ordering::Less) => Direction::Better,
            _ => Direction::Worse,
        }
    }

    /// In words, with an arrow.
    pub fn moved(&self) -> String {
        match (self.now, self.before) {
            (Some(now), Some(before)) => self.unit.moved(now, before),
            _ => "nothing to compare with".to_owned(),
        }
    }
}

/// What is known of one day.
struct Known<'a> {
    figures: Option<&'a DayFigures>,
    traffic: Option<&'a DayTraffic>,
}

/// One figure out of what is known of a day.
type Pick = fn(&Known<'_>) -> Option<f64>;

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn of(known: &Known<'_>, pick: fn(&DayFigures) -> i64) -> Option<f64> {
    known.figures.map(|figures| pick(figures) as f64)
}

fn active(known: &Known<'_>) -> Option<f64> {
    of(known, |figures| figures.daily_active)
}

fn signups(known: &Known<'_>) -> Option<f64> {
    of(known, |figures| figures.signups)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn requests(known: &Known<'_>) -> Option<f64> {
    known.traffic.map(|traffic| traffic.requests() as f64)
}

fn failed(known: &Known<'_>) -> Option<f64> {
    known.traffic.and_then(|traffic| traffic.failed().ratio())
}

fn p95(known: &Known<'_>) -> Option<f64> {
    known.traffic.and_then(|traffic| traffic.within(95))
}

const METRICS: [(&str, Unit, Wanted, Pick); 8] = [
    ("Active users", Unit::Count, Wanted::Up, active),
    ("Active in 30 days", Unit::Count, Wanted::Up, |known| {
        of(known, |f| f.monthly_active)
    }),
    ("New users", Unit::Count, Wanted::Up, signups),
    ("Conversion to paid", Unit::Ratio, Wanted::Up, |known| {
        known.figures?.conversion().ratio()
    }),
    ("Retention, 30 days", Unit::Ratio, Wanted::Up, |known| {
        known.figures?.retention().ratio()
    }),
    ("Requests", Unit::Count, Wanted::Either, requests),
    ("Failed requests", Unit::Ratio, Wanted::Down, failed),
    ("Response time, p95", Unit::Milliseconds, Wanted::Down, p95),
];

const CHARTS: [(&str, Shape, Unit, Pick); 6] = [
    ("Active users", Shape::Line, Unit::Count, active),
    ("New users", Shape::Bars, Unit::Count, signups),
    (
        "New posts and comments",
        Shape::Bars,
        Unit::Count,
        |known| of(known, |f| f.new_posts + f.new_comments),
    ),
    ("Conversion to paid", Shape::Line, Unit::Ratio, |known| {
        known.figures?.conversion().ratio()
    }),
    ("Requests", Shape::Bars, Unit::Count, requests),
    ("Response time, p95", Shape::Line, Unit::Milliseconds, p95),
];

/// Everything that a report is made of.
#[derive(Debug)]
pub struct Sources {
    pub day: Day,
    pub environment: String,
    pub made_at: Timestamp,
    pub figures: Vec<DayFigures>,
    pub traffic: BTreeMap<Day, DayTraffic>,
}

impl Sources {
    fn known(&self, day: Day) -> Known<'_> {
        Known {
            figures: self.figures.iter().find(|figures| figures.day == day),
            traffic: self.traffic.get(&day),
        }
    }

    fn metrics(&self) -> Vec<Metric> {
        let (now, before) = (self.known(self.day), self.known(self.day.plus(-7)));
        let metric = |(name, unit, wanted, pick): (_, Unit, _, Pick)| Metric {
            name,
            value: pick(&now).map_or_else(dash, |value| unit.said(value)),
            unit,
            now: pick(&now),
            before: pick(&before),
            wanted,
        };
        METRICS.into_iter().map(metric).collect()
    }

    fn charts(&self) -> Vec<Series> {
        let days: Vec<Day> = (0..CHART_DAYS)
            .rev()
            .map(|back| self.day.plus(-back))
            .collect();
        let series = |(name, shape, unit, pick): (_, _, _, Pick)| Series {
            name,
            shape,
            unit,
            points: days
                .iter()
                .map(|day| (*day, pick(&self.known(*day))))
                .collect(),
        };
        CHARTS.into_iter().map(series).collect()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let figures = self.figures.iter().rev().filter(|row| row.day <= self.day);
        figures.take(TABLE_DAYS).map(|row| self.row(row)).collect()
    }

    fn row(&self, figures: &DayFigures) -> Vec<String> {
        let known = self.known(figures.day);
        let counts = [
            figures.daily_active,
            figures.signups,
            figures.users_total,
            figures.new_posts,
            figures.new_comments,
        ];
        let mut row = vec![figures.day.to_string()];
        row.extend(counts.iter().map(|count| Unit::count(*count)));
        let rest: [(Unit, Pick); 3] = [
            (Unit::Count, requests),
            (Unit::Ratio, failed),
            (Unit::Milliseconds, p95),
        ];
        let cell = |(unit, pick): (Unit, Pick)| pick(&known).map_or_else(dash, |v| unit.said(v));
        row.extend(rest.into_iter().map(cell));
        row
    }
}

impl From<Sources> for Contents {
    fn from(sources: Sources) -> Self {
        let made_at = sources.made_at.with_milliseconds();
        let (date, time) = made_at.split_once('T').unwrap_or((&made_at, ""));
        let minute = time.get(..5).unwrap_or_default();
        Self {
            day: sources.day,
            made_at: format!("{date} {minute} UTC"),
            metrics: sources.metrics(),
            charts: sources.charts(),
            rows: sources.rows(),
            environment: sources.environment,
        }
    }
}

impl Contents {
    /// Like `Sunday, 22 November 2026`.
    pub fn day_in_words(&self) -> String {
        let date = self.day.date();
        let (weekday, day) = (date.weekday(), date.day());
        format!("{weekday}, {day} {} {}", date.month(), date.year())
    }
}
