//! Quantities of Kubernetes: `0.5`, `500m` and `5e-1` are one.

/// Whether two texts are the same quantity.
#[must_use]
pub fn same_quantity(one: &str, other: &str) -> bool {
    match (parts(one), parts(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// A quantity in billionths. Finer and greater ones are no quantity to us, and never the same as another.
fn parts(text: &str) -> Option<i128> {
    const NANO: i128 = 1_000_000_000;
    let end = text.find(|sign: char| !matches!(sign, '0'..='9' | '.' | '+' | '-'));
    let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
    let scale: i128 = match suffix {
        "n" => 1,
        "u" => 1_000,
        "m" => 1_000_000,
        "" => NANO,
        "k" => NANO * 1_000,
        "M" => NANO * 1_000_000,
        "G" => NANO * 1_000_000_000,
        "T" => NANO * 1_000_000_000_000,
        "P" => NANO * 1_000_000_000_000_000,
        "E" => NANO * 1_000_000_000_000_000_000,
        "Ki" => NANO << 10,
        "Mi" => NANO << 20,
        "Gi" => NANO << 30,
        "Ti" => NANO << 40,
        "Pi" => NANO << 50,
        "Ei" => NANO << 60,
        _ => return None,
    };
    decimal(number, scale)
}

fn decimal(number: &str, scale: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    let value: i128 = digits.parse().ok()?;
    let unit = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let scaled = value.checked_mul(scale)?;
    (scaled % unit == 0).then(|| scaled / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_quantity_has_many_spellings() {
        for (one, other) in [
            ("0.5", "500m"),
            ("1", "1000m"),
            ("1Gi", "1024Mi"),
            ("1.5Gi", "1536Mi"),
            ("1k", "1000"),
            ("0.1", "100m"),
        ] {
            assert!(same_quantity(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_differs_or_is_no_quantity_is_not_the_same() {
        for (one, other) in [
            ("1G", "1Gi"),
            ("500m", "500"),
            ("1h", "1h"),
            ("", "0"),
            ("v1", "v1.0"),
            ("1..0", "1"),
            ("99999999999999999999999999999999999999E", "1"),
        ] {
            assert!(!same_quantity(one, other), "{one} {other}");
        }
    }
}
