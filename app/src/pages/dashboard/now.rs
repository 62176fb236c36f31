//! How the requests of the last minutes went, in this process.

use std::time::Duration;

use crate::figures::{Lately, Rate};
use crate::pages::chart::{self, Kind};
use crate::reports::Unit;

/// Five minutes of ten seconds each.
const POINTS: usize = 30;

/// The section.
pub fn section(lately: &Lately) -> String {
    let traffic = &lately.traffic;
    let failed = traffic.failed();
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let hits = Rate {
        part: number(lately.hits),
        whole: number(lately.hits.saturating_add(lately.misses)),
    };
    let within = |percent| {
        let within = traffic.within(percent);
        within.map_or_else(|| "–".into(), |time| Unit::Milliseconds.said(time))
    };
    let ratio = |rate: Rate| {
        let ratio = rate.ratio();
        ratio.map_or_else(|| "–".into(), |ratio| Unit::Ratio.said(ratio))
    };
    let tiles = [
        tile(
            "Throughput",
            &a_second(traffic.requests(), lately.lasted),
            &whole(traffic.requests()),
        ),
        tile("Latency, p50", &within(50), "half of them"),
        tile("Latency, p95", &within(95), "all but one in 20"),
        tile("Latency, p99", &within(99), "all but one in 100"),
        tile("Failed requests", &ratio(failed), &of(failed, "requests")),
        tile("Cache hits", &ratio(hits), &of(hits, "look-ups")),
    ]
    .concat();
    format!(
        "<h2>Now</h2>\n<div class=\"tiles six\">\n{tiles}</div>\n{}<p class=\"note\">Of this process alone, over the last {}. A look \
         at the pages and at health is not counted.</p>\n",
        rates(&lately.rates),
        lasted(lately.lasted)
    )
}

/// A name, a value, and what it is of.
pub fn tile(name: &str, value: &str, of: &str) -> String {
    format!(
        "<div class=\"tile\"><span class=\"quiet\">{name}</span><b>{value}</b><small class=\"quiet\">{of}</small></div>\n"
    )
}

fn rates(rates: &[f64]) -> String {
    let highest = rates.iter().fold(0.0, |a: f64, b| a.max(*b));
    if highest <= 0.0 {
        return String::new();
    }
    // The place of what is not known yet is kept free.
    let missing = std::iter::repeat_n(None, POINTS.saturating_sub(rates.len()));
    let points: Vec<Option<f64>> = missing.chain(rates.iter().copied().map(Some)).collect();
    let said = format!("Requests a second, each ten seconds; at most {highest:.1}");
    format!(
        "<figure class=\"card\"><figcaption><b>Requests a second</b><span class=\"quiet\">at most {highest:.1}</span></figcaption>\n\
         {}</figure>\n",
        chart::draw(Kind::Bars, &points, &said)
    )
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn a_second(requests: i64, lasted: Duration) -> String {
    let rate = requests as f64 / lasted.as_secs_f64().max(1.0);
    let number = match rate {
        rate if rate >= 100.0 => Unit::Count.said(rate),
        rate if rate > 0.0 && rate < 0.1 => "&lt; 0.1".into(),
        rate => format!("{rate:.1}"),
    };
    format!("{number} /s")
}

fn whole(requests: i64) -> String {
    match requests {
        0 => "no request yet".into(),
        1 => "one request".into(),
        many => format!("{} requests", Unit::count(many)),
    }
}

fn of(rate: Rate, what: &str) -> String {
    match rate.whole {
        0 => format!("no {what} yet"),
        whole => format!("{} of {}", Unit::count(rate.part), Unit::count(whole)),
    }
}

/// In the two largest units.
pub fn lasted(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_the_units_that_matter() {
        let said = |seconds| lasted(Duration::from_secs(seconds));
        assert_eq!(said(42), "42 s");
        assert_eq!(said(300), "5 min");
        assert_eq!(said(3_720), "1 h 2 min");
        assert_eq!(said(90_000), "1 d 1 h");
    }
}
