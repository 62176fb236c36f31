//! Values that must never be printed.

use std::fmt;

/// A secret: its `Debug` and its absence of `Display` and `Serialize` keep it out of every output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Takes the value into custody.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Hands the value out, for the one call that needs it.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// The text with the passwords of its addresses hidden: people write them where they don't belong, and every
/// parser repeats what it could not read.
#[must_use]
pub fn without_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        let end = after.find(ends_address).unwrap_or(after.len());
        let (address, remainder) = after.split_at(end);
        shown.push_str(&hidden_in(address));
        rest = remainder;
    }
    shown.push_str(rest);
    shown
}

fn ends_address(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>')
}

/// A password may hold any sign, unescaped by mistake: it ends at the last `@`.
fn hidden_in(address: &str) -> String {
    let parts = address.rsplit_once('@');
    let named = parts.and_then(|(who, host)| Some((who.split_once(':')?.0, host)));
    named.map_or_else(
        || address.to_owned(),
        |(user, host)| format!("{user}:…@{host}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_an_address_is_hidden_and_the_rest_is_not() {
        for (text, shown) in [
            ("no address", "no address"),
            ("at http://127.0.0.1:80/x", "at http://127.0.0.1:80/x"),
            (
                "`postgres://app:a@b/c@db/app`, or",
                "`postgres://app:…@db/app`, or",
            ),
            ("postgres://app@db/app", "postgres://app@db/app"),
            ("a://b:c@d e://f:g@h", "a://b:…@d e://f:…@h"),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "<secret>");
    }
}
