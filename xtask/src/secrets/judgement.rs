//! Tells a secret from a word that merely stands where a secret would.

use std::collections::HashMap;

/// Words that say of themselves that they are no secret.
const PLACEHOLDERS: [&str; 12] = [
    "change",
    "dummy",
    "example",
    "fake",
    "not-a",
    "not_a",
    "password",
    "placeholder",
    "planted",
    "sample",
    "secret",
    "test",
];
/// Bits a character from which a text of 16 or more reads as chance; English and identifiers stay below.
const RANDOM_BITS: f64 = 3.5;

/// Hosts that nobody else can reach, or that are nobody's: this machine and the names kept for examples.
const NOWHERE: [&str; 6] = [
    "@127.",
    "@example.",
    ".example",
    ".invalid",
    ".localhost",
    ".test",
];

/// Whether a URL with this password in it opens a server somewhere.
pub fn opens_a_server(password: &str, url: &str) -> bool {
    let is_at = |place: &&'static str| match place.starts_with('@') {
        true => url.contains(*place),
        false => url.ends_with(*place),
    };
    is_no_placeholder(password) && !NOWHERE.iter().any(is_at)
}

/// Whether the text could be somebody's password.
fn is_no_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    !PLACEHOLDERS.iter().any(|word| lower.contains(word))
        && !lower.chars().all(|c| "*.x…".contains(c))
}

/// Whether the text looks drawn at random: digits among letters, and many different characters.
pub fn is_random(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let mixed = digits >= 2 && letters >= 2;
    mixed && is_no_placeholder(text) && entropy(text) >= RANDOM_BITS && !counts_up(text)
}

/// Shannon's measure, in bits a character.
fn entropy(text: &str) -> f64 {
    let mut counts: HashMap<char, f64> = HashMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1.0;
    }
    let total: f64 = counts.values().sum();
    let share = |count: &f64| count / total;
    -counts
        .values()
        .map(|count| share(count) * share(count).log2())
        .sum::<f64>()
}

/// `0123456789abcdef`: as varied as chance, but half of its characters follow their neighbour.
fn counts_up(text: &str) -> bool {
    let bytes = text.as_bytes();
    let steps = bytes.windows(2);
    let follows = |pair: &&[u8]| matches!(pair, [a, b] if a.checked_add(1) == Some(*b));
    steps.filter(follows).count() * 2 >= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_paths_are_not_random() {
        for text in [
            "correct-horse-battery-staple",
            "0123456789abcdef0123456789abcdef",
            "secret-of-development-2026",
            "aaaaaaaaaaaaaaaa11",
        ] {
            assert!(!is_random(text), "{text}");
        }
    }

    #[test]
    fn drawn_characters_are_random() {
        let drawn = ["q8Zt", "V2nX", "b71L", "kRw9", "Ym4s"].concat();
        assert!(is_random(&drawn));
    }

    #[test]
    fn a_password_for_this_machine_or_for_an_example_opens_nothing() {
        let made_up = ["hun", "ter2"].concat();
        assert!(!opens_a_server(&made_up, "postgres://ada:it@127.0.0.1"));
        assert!(!opens_a_server(&made_up, "postgres://ada:it@db.example"));
        assert!(opens_a_server(&made_up, "postgres://ada:it@db.acme.com"));
    }

    #[test]
    fn stars_stand_for_a_password_that_was_hidden() {
        assert!(!is_no_placeholder("***"));
        assert!(is_no_placeholder(&["hun", "ter2"].concat()));
    }
}
