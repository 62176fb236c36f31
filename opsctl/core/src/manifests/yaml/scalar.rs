//! What a word without quotes means: exactly what it means to kustomize, whose YAML is neither 1.1 nor 1.2. `on` and `yes` are
//! texts there, `0777` and `0o7` octal, `08` is eight, `1e3` a thousand. Two things kustomize does are refused instead of copied:
//! it turns a date into another text, and it ends at `.inf` with an error that names no place.

use serde_json::Value;

/// Beyond it a float has no exact integer any more.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Why a word is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// kustomize would write it as a point in time.
    Timestamp,
    /// JSON has no such number.
    NoNumber,
}

/// The value of a word that stands without quotes.
pub fn plain(text: &str) -> Result<Value, Unclear> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ if is_no_number(text) => return Err(Unclear::NoNumber),
        _ => {}
    }
    let begins = |characters: &str| text.starts_with(|first: char| characters.contains(first));
    if begins(".") {
        return Ok(float(text).unwrap_or_else(|| text.into()));
    }
    if !begins("+-0123456789") {
        return Ok(text.into());
    }
    if is_timestamp(text) {
        return Err(Unclear::Timestamp);
    }
    let digits = text.replace('_', "");
    let number = integer(&digits).or_else(|| float(&digits));
    Ok(number.unwrap_or_else(|| text.into()))
}

fn is_no_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// Go's own literals: `0x`, `0o`, `0b`, and a leading zero for octal.
fn integer(text: &str) -> Option<Value> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = unsigned.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    // A second sign would be taken for part of the number.
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    if negative {
        return i64::from_str_radix(&format!("-{digits}"), radix)
            .ok()
            .map(Value::from);
    }
    u64::from_str_radix(digits, radix).ok().map(Value::from)
}

/// A decimal float; one without a fraction is written as an integer, as Go's JSON does. Too large a one stays a text.
fn float(text: &str) -> Option<Value> {
    let decimal = |byte: u8| byte.is_ascii_digit() || b".eE+-".contains(&byte);
    if !text.bytes().all(decimal) {
        return None;
    }
    let float: f64 = text.parse().ok()?;
    if float.is_infinite() {
        return None;
    }
    if float.fract() == 0.0 && float.abs() <= EXACT {
        return Some(Value::from(float as i64));
    }
    Some(Value::from(float))
}

/// A date, or a date and a time.
fn is_timestamp(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let [year, month, day] = parts[..] else {
        return false;
    };
    let of_day = |time: &str| time.contains(':') && time.starts_with(|c: char| c.is_ascii_digit());
    number(year, 4..=4) && number(month, 1..=2) && number(day, 1..=2) && time.is_none_or(of_day)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_mean_what_they_mean_to_kustomize() {
        let table = [
            ("on", json!("on")),
            ("Off", json!("Off")),
            ("yes", json!("yes")),
            ("y", json!("y")),
            ("True", json!(true)),
            ("tRue", json!("tRue")),
            ("~", json!(null)),
            ("", json!(null)),
            ("08", json!(8)),
            ("0777", json!(511)),
            ("0o7", json!(7)),
            ("0O17", json!(15)),
            ("0b101", json!(5)),
            ("-0x1F", json!(-31)),
            ("1_000", json!(1000)),
            ("1e3", json!(1000)),
            ("1.5", json!(1.5)),
            ("1.", json!(1)),
            (".5", json!(0.5)),
            (".", json!(".")),
            ("-", json!("-")),
            ("+-5", json!("+-5")),
            ("1e400", json!("1e400")),
            ("500m", json!("500m")),
            ("1:30", json!("1:30")),
            ("0x", json!("0x")),
            ("18446744073709551615", json!(u64::MAX)),
            ("1.2.3", json!("1.2.3")),
            ("\u{1f680}", json!("\u{1f680}")),
        ];
        for (text, expected) in table {
            assert_eq!(plain(text), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn what_kustomize_would_change_or_choke_on_is_refused() {
        for text in [
            "2026-11-27",
            "2026-1-2",
            "2026-11-27T09:00:00Z",
            "2026-11-27 09:00:00",
        ] {
            assert_eq!(plain(text), Err(Unclear::Timestamp), "{text}");
        }
        for text in [".inf", "-.INF", ".NaN"] {
            assert_eq!(plain(text), Err(Unclear::NoNumber), "{text}");
        }
        for text in ["2026-11-27-rc1", "2026-11", "1.27-alpine"] {
            assert_eq!(plain(text), Ok(json!(text)));
        }
    }
}
