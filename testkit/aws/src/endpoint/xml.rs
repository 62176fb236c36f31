//! XML as AWS writes it: elements and text, no attributes but the namespace.

use std::fmt::Display;

/// Elements beside one another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Elements(String);

impl Elements {
    pub fn new() -> Self {
        Self::default()
    }

    /// An element with text.
    pub fn text(mut self, name: &str, value: impl Display) -> Self {
        self.open(name);
        for letter in value.to_string().chars() {
            match letter {
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '&' => self.0.push_str("&amp;"),
                '"' => self.0.push_str("&quot;"),
                other => self.0.push(other),
            }
        }
        self.close(name)
    }

    /// An element with text, where there is any.
    pub fn optional(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// An element with elements inside.
    pub fn inside(mut self, name: &str, inner: Self) -> Self {
        self.open(name);
        self.0.push_str(&inner.0);
        self.close(name)
    }

    /// These, and those after them.
    pub fn and(mut self, more: Self) -> Self {
        self.0.push_str(&more.0);
        self
    }

    /// A list of elements, each under the same name.
    pub fn list(self, name: &str, of: &str, members: impl IntoIterator<Item = Self>) -> Self {
        let members = members.into_iter();
        let inner = members.fold(Self::new(), |all, member| all.inside(of, member));
        self.inside(name, inner)
    }

    /// A list of words.
    pub fn words<'a>(
        self,
        name: &str,
        of: &str,
        words: impl IntoIterator<Item = &'a String>,
    ) -> Self {
        let words = words.into_iter();
        let inner = words.fold(Self::new(), |all, word| all.text(of, word));
        self.inside(name, inner)
    }

    /// The document with this root.
    pub fn document(self, root: &str, namespace: &str) -> String {
        format!("<{root} xmlns=\"{namespace}\">{}</{root}>", self.0)
    }

    fn open(&mut self, name: &str) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
    }

    fn close(mut self, name: &str) -> Self {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_looks_like_an_element_stays_text() {
        let written = Elements::new()
            .text("Message", "a < b & c")
            .optional("None", None::<u8>)
            .list("Tags", "Tag", [Elements::new().text("Key", 1)]);
        assert_eq!(
            written.document("Root", "urn:x"),
            "<Root xmlns=\"urn:x\"><Message>a &lt; b &amp; c</Message><Tags><Tag><Key>1</Key></Tag></Tags></Root>"
        );
    }
}
