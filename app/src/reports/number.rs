//! How numbers are written: thousands parted, a unit behind, never more digits than mean something.

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Count,
    /// From 0 to 1, written in percent.
    Ratio,
    Milliseconds,
}

/// Where there is no number.
pub fn dash() -> String {
    "–".to_owned()
}

impl Unit {
    pub fn count(count: i64) -> String {
        let digits = count.unsigned_abs().to_string();
        let mut text = String::from(if count < 0 { "−" } else { "" });
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    }

    #[expect(clippy::cast_possible_truncation, reason = "counts are far below 2^52")]
    pub fn said(self, value: f64) -> String {
        match self {
            Self::Count => Self::count(value.round() as i64),
            Self::Ratio if value > 0.0 && value < 0.001 => format!("{:.2} %", value * 100.0),
            Self::Ratio => format!("{:.1} %", value * 100.0),
            Self::Milliseconds if value >= 1000.0 => format!("{:.2} s", value / 1000.0),
            Self::Milliseconds if value >= 10.0 => format!("{value:.0} ms"),
            Self::Milliseconds => format!("{value:.1} ms"),
        }
    }

    /// At an axis, where there is little room.
    #[expect(clippy::cast_possible_truncation, reason = "counts are far below 2^52")]
    pub fn axis(self, value: f64) -> String {
        match self {
            Self::Count if value >= 1_000_000.0 => format!("{} M", short(value / 1_000_000.0)),
            Self::Count if value >= 10_000.0 => format!("{} k", short(value / 1000.0)),
            Self::Count if value.fract().abs() > 1e-9 => format!("{value:.1}"),
            Self::Count => Self::count(value.round() as i64),
            Self::Ratio => format!("{} %", short(value * 100.0)),
            Self::Milliseconds if value >= 1000.0 => format!("{} s", short(value / 1000.0)),
            Self::Milliseconds => format!("{} ms", short(value)),
        }
    }

    /// From before to now.
    pub fn moved(self, now: f64, before: f64) -> String {
        let by = now - before;
        let arrow = match by.total_cmp(&0.0) {
            std::cmp::Ordering::Greater => "↑",
            std::cmp::Ordering::Less => "↓",
            std::cmp::Ordering::Equal => return "as a week before".to_owned(),
        };
        match self {
            Self::Ratio if by.abs() < 0.0005 => format!("{arrow} less than 0.1 points"),
            Self::Ratio => format!("{arrow} {:.1} points", by.abs() * 100.0),
            _ if before > 0.0 => {
                let percent = by.abs() / before * 100.0;
                format!("{arrow} {} ({percent:.0} %)", self.said(by.abs()))
            }
            _ => format!("{arrow} {} (from none)", self.said(by.abs())),
        }
    }
}

fn short(value: f64) -> String {
    match (value - value.round()).abs() < 0.005 {
        true => format!("{value:.0}"),
        false => format!("{value:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(Unit::count(1_234_567), "1,234,567");
        assert_eq!(Unit::count(-12), "−12");
        assert_eq!(Unit::Ratio.said(0.0423), "4.2 %");
        assert_eq!(Unit::Ratio.said(0.0004), "0.04 %");
        assert_eq!(Unit::Milliseconds.said(2500.0), "2.50 s");
        assert_eq!(Unit::Count.axis(45_000.0), "45 k");
        assert_eq!(Unit::Count.moved(12.0, 10.0), "↑ 2 (20 %)");
        assert_eq!(Unit::Ratio.moved(0.04, 0.05), "↓ 1.0 points");
        assert_eq!(Unit::Count.moved(3.0, 3.0), "as a week before");
        assert_eq!(Unit::Count.moved(3.0, 0.0), "↑ 3 (from none)");
    }
}
