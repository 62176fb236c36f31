//! Amounts as Kubernetes writes them: `500m`, `1Gi`, `0.5`.

use std::fmt;

/// An amount, in thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i128);

/// Decimal and binary suffixes with their factors.
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
const SUFFIXES: [(&str, i128); 12] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("Ei", 1 << 60),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000),
];

impl Quantity {
    /// One whole.
    #[must_use]
    pub const fn one() -> Self {
        Self(1000)
    }

    /// Reads an amount; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(thousandths) = text.strip_suffix('m') {
            return thousandths.parse().ok().map(Self);
        }
        let suffix = SUFFIXES.iter().find(|(suffix, _)| text.ends_with(suffix));
        let (number, factor) = suffix.map_or((text, 1), |(suffix, factor)| {
            (text.trim_end_matches(suffix), *factor)
        });
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = fraction.get(..fraction.len().min(3))?;
        let thousandths = format!("{whole}{digits:0<3}").parse::<i128>().ok()?;
        Some(Self(thousandths.checked_mul(factor)?))
    }

    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left; never less than nothing.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self((self.0 - other.0).max(0))
    }

    /// So many times.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(i128::from(count)))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 % 1000 != 0 {
            return write!(f, "{}m", self.0);
        }
        let whole = self.0 / 1000;
        let binary = SUFFIXES[..6].iter().rev();
        let fits = binary
            .into_iter()
            .find(|(_, factor)| whole >= *factor && whole % factor == 0);
        match fits {
            Some((suffix, factor)) => write!(f, "{}{suffix}", whole / factor),
            None => write!(f, "{whole}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_amount_has_many_spellings() {
        for (one, other) in [
            ("500m", "0.5"),
            ("1Gi", "1024Mi"),
            ("1k", "1000"),
            ("2", "2000m"),
        ] {
            assert_eq!(
                Quantity::parse(one),
                Quantity::parse(other),
                "{one} {other}"
            );
        }
        assert_eq!(Quantity::parse("much"), None);
    }

    #[test]
    fn an_amount_is_told_in_the_largest_unit_that_fits() {
        for (text, told) in [
            ("1024Mi", "1Gi"),
            ("0.25", "250m"),
            ("3", "3"),
            ("1536Mi", "1536Mi"),
        ] {
            let quantity = Quantity::parse(text).map(|it| it.to_string());
            assert_eq!(quantity.as_deref(), Some(told));
        }
    }
}
