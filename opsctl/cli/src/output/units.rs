//! Figures with their units, as people read them.

use std::time::Duration;

/// A size, in the largest unit that leaves a figure of one or more.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut figure, mut unit) = (bytes, 0);
    let mut rest = 0;
    while figure >= 1024 && unit + 1 < UNITS.len() {
        rest = figure % 1024;
        figure /= 1024;
        unit += 1;
    }
    match unit {
        0 => format!("{figure} {}", UNITS[unit]),
        _ => format!("{figure}.{} {}", rest * 10 / 1024, UNITS[unit]),
    }
}

/// How long ago, in the two largest units.
#[must_use]
pub fn age(seconds: u64) -> String {
    let text = humantime::format_duration(Duration::from_secs(seconds)).to_string();
    let parts: Vec<&str> = text.split(' ').take(2).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_one_digit_after_the_point() {
        let sizes = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (5 << 30, "5.0 GiB"),
        ];
        for (bytes, text) in sizes {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn an_age_names_two_units_at_most() {
        assert_eq!(age(90_061), "1day 1h");
        assert_eq!(age(5), "5s");
    }
}
