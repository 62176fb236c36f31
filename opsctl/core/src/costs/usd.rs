//! An amount of money, as whole millionths of a dollar: prices are told to four places, and sums of them must be equal when they are.

use std::fmt;

use serde::de::Error as _;

const MICROS: f64 = 1e6;

/// US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usd(u64);

impl Usd {
    /// So many dollars; nothing where that is no amount.
    #[must_use]
    pub fn of(dollars: f64) -> Option<Self> {
        let micros = (dollars * MICROS).round();
        let sound = dollars.is_finite() && (0.0..=1e15).contains(&micros);
        // Whole, and far below what the type holds.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        sound.then_some(Self(micros as u64))
    }

    /// As a number.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn dollars(self) -> f64 {
        self.0 as f64 / MICROS
    }

    /// So often.
    #[must_use]
    pub fn times(self, factor: f64) -> Option<Self> {
        Self::of(self.dollars() * factor)
    }

    /// Both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// To the cent, or to the first two digits of less.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dollars() {
            dollars if dollars >= 0.1 => write!(f, "{dollars:.2} USD"),
            dollars => write!(f, "{dollars:.4} USD"),
        }
    }
}

impl serde::Serialize for Usd {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.dollars())
    }
}

impl<'de> serde::Deserialize<'de> for Usd {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(from)?;
        Self::of(dollars).ok_or_else(|| D::Error::custom(format!("{dollars} is no amount in USD")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_and_written_as_a_number_and_shown_with_its_unit() {
        let amount: Usd = serde_json::from_str("0.019").unwrap();
        assert_eq!(serde_json::to_string(&amount).unwrap(), "0.019");
        assert_eq!(amount.to_string(), "0.0190 USD");
        assert_eq!(Usd::of(12.3456).unwrap().to_string(), "12.35 USD");
        assert_eq!(
            Usd::of(0.1).unwrap().plus(Usd::of(0.2).unwrap()),
            Usd::of(0.3).unwrap()
        );
        for wrong in ["-1", "1e300"] {
            assert!(serde_json::from_str::<Usd>(wrong).is_err(), "{wrong}");
        }
    }
}
