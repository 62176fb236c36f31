//! XML as EC2 answers it, read into elements.

use xmlparser::{ElementEnd, Token, Tokenizer};

/// An element with what is inside of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    name: String,
    text: String,
    inside: Vec<Element>,
}

impl Element {
    /// The root of a document; `None` when it is none.
    pub fn read(document: &str) -> Option<Self> {
        let mut open: Vec<Self> = Vec::new();
        for token in Tokenizer::from(document) {
            match token.ok()? {
                Token::ElementStart { local, .. } => open.push(Self {
                    name: local.as_str().to_owned(),
                    ..Self::default()
                }),
                Token::Text { text } => open.last_mut()?.text.push_str(&plain(text.as_str())?),
                Token::ElementEnd {
                    end: ElementEnd::Open,
                    ..
                } => {}
                Token::ElementEnd { .. } => {
                    let closed = open.pop()?;
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

    /// The first element of that name.
    pub fn at(&self, name: &str) -> Option<&Self> {
        self.inside.iter().find(|it| it.name == name)
    }

    /// Its text, if it has any.
    pub fn text(&self, name: &str) -> Option<&str> {
        let text = self.at(name)?.text.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The items of a list.
    pub fn items(&self, name: &str) -> impl Iterator<Item = &Self> {
        let list = self.at(name).into_iter();
        list.flat_map(|list| list.inside.iter().filter(|it| it.name == "item"))
    }

    /// The value of a tag.
    pub fn tag(&self, key: &str) -> Option<&str> {
        let mut tags = self.items("tagSet");
        tags.find(|tag| tag.text("key") == Some(key))?.text("value")
    }
}

/// Text with its entities resolved.
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
    fn items_texts_and_tags_are_found_by_their_names() {
        let read = Element::read(
            "<?xml version=\"1.0\"?>\n<R xmlns=\"urn:x\"><vpcSet><item><vpcId>vpc-1</vpcId><empty/>\
             <tagSet><item><key>Name</key><value>a &amp; b</value></item></tagSet></item></vpcSet></R>",
        );
        let read = read.unwrap();
        let vpc = read.items("vpcSet").next().unwrap();
        assert_eq!(vpc.text("vpcId"), Some("vpc-1"));
        assert_eq!(vpc.tag("Name"), Some("a & b"));
        assert_eq!(vpc.text("empty"), None);
        assert_eq!(read.items("subnetSet").count(), 0);
    }

    #[test]
    fn what_is_cut_off_is_no_answer() {
        for cut in ["", "<a>", "<a><b></b>", "<a>&nothing;</a>", "no document"] {
            assert_eq!(Element::read(cut), None, "{cut}");
        }
    }
}
