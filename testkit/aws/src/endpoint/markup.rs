//! XML as clients send it, read into elements; attributes say nothing that we ask for.

use xmlparser::{ElementEnd, Token, Tokenizer};

/// An element with what is inside of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub name: String,
    pub text: String,
    pub inside: Vec<Element>,
}

impl Element {
    /// The root of a document; none when it is none.
    pub fn read(document: &str) -> Option<Self> {
        let mut open: Vec<Self> = Vec::new();
        for token in Tokenizer::from(document) {
            match token.ok()? {
                Token::ElementStart { local, .. } => open.push(Self {
                    name: local.as_str().to_owned(),
                    ..Self::default()
                }),
                Token::Text { text } => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&plain(text.as_str())?);
                    }
                }
                Token::ElementEnd { end, .. } if end != ElementEnd::Open => {
                    let mut closed = open.pop()?;
                    if let ElementEnd::Close(_, name) = end
                        && closed.name != name.as_str()
                    {
                        return None;
                    }
                    if !closed.inside.is_empty() {
                        closed.text.clear();
                    }
                    match open.last_mut() {
                        Some(outer) => outer.inside.push(closed),
                        None => return Some(closed),
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Every text in it under its place: `Changes.Change.1.Action`. What is in a list is numbered, and a list is what is called by the
    /// plural of its members.
    pub fn flat(&self) -> Vec<(String, String)> {
        let mut told = Vec::new();
        for (position, inner) in self.inside.iter().enumerate() {
            let listed = self.name == format!("{}s", inner.name);
            let place = match listed {
                true => format!("{}.{}", inner.name, position + 1),
                false => inner.name.clone(),
            };
            if inner.inside.is_empty() {
                told.push((place, inner.text.clone()));
            } else {
                let deeper = inner.flat().into_iter();
                told.extend(deeper.map(|(name, text)| (format!("{place}.{name}"), text)));
            }
        }
        told
    }
}

/// Text with its five entities and numbered letters resolved.
fn plain(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (entity, after) = after.split_once(';')?;
        plain.push_str(before);
        plain.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            number => char::from_u32(match number.strip_prefix("#x") {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.strip_prefix('#')?.parse().ok()?,
            })?,
        });
        rest = after;
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_a_list_is_numbered_and_entities_are_letters() {
        let document = r#"<?xml version="1.0"?><R xmlns="urn:x"><Changes><Change><Name>a&amp;b&#x41;</Name></Change>
            <Change><Name>c</Name><Empty/></Change></Changes></R>"#;
        let flat = Element::read(document).unwrap().flat();
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let expected = [
            pair("Changes.Change.1.Name", "a&bA"),
            pair("Changes.Change.2.Name", "c"),
            pair("Changes.Change.2.Empty", ""),
        ];
        assert_eq!(flat, expected);
    }

    #[test]
    fn what_does_not_close_is_no_document() {
        for broken in ["", "<a>", "<a></b>", "<a>&nothing;</a>", "text"] {
            assert_eq!(Element::read(broken), None, "{broken}");
        }
    }
}
