//! Pages of a list, by `MaxRecords` and `Marker`.

use crate::endpoint::{Elements, Parameters, Refusal};

const LEAST: u32 = 20;
const MOST: u32 = 100;

/// The members of this page, and the marker of the next if there is one. A marker names the last member that was given, so that what
/// comes and goes between two pages neither hides nor repeats another.
pub(crate) fn page<T>(
    members: Vec<(&str, T)>,
    said: &Parameters,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let size = said.number("MaxRecords")?.unwrap_or(MOST);
    if !(LEAST..=MOST).contains(&size) {
        let message =
            format!("Invalid value {size} for MaxRecords. Must be between {LEAST} and {MOST}");
        return Err(value(message));
    }
    let after = match said.text("Marker") {
        Some(marker) => Some(read(marker)?),
        None => None,
    };
    let later = |name: &str| after.as_deref().is_none_or(|after| name > after);
    let mut left: Vec<(&str, T)> = members;
    left.retain(|(name, _)| later(name));
    left.sort_by(|one, other| one.0.cmp(other.0));
    let more = left.len() > size as usize;
    left.truncate(size as usize);
    let marker = left
        .last()
        .filter(|_| more)
        .map(|(name, _)| hex::encode(name));
    Ok((left.into_iter().map(|(_, member)| member).collect(), marker))
}

/// The page as the answer of an action.
pub(crate) fn answered(
    list: &'static str,
    of: &'static str,
    members: Vec<(&str, Elements)>,
    said: &Parameters,
) -> Result<Elements, Refusal> {
    let (members, marker) = page(members, said)?;
    Ok(Elements::new()
        .list(list, of, members)
        .optional("Marker", marker))
}

fn read(marker: &str) -> Result<String, Refusal> {
    let bytes = hex::decode(marker).ok();
    let name = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| value(format!("Invalid marker '{marker}'")))
}

fn value(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterValue", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_without_a_gap() {
        let names: Vec<String> = (10..55).map(|number| format!("s{number}")).collect();
        let members = || {
            names
                .iter()
                .map(|name| (name.as_str(), name.clone()))
                .collect()
        };
        let mut all: Vec<String> = Vec::new();
        let mut form = "MaxRecords=20".to_owned();
        loop {
            let (page, marker) = page(members(), &Parameters::of_form(&form)).unwrap();
            all.extend(page);
            let Some(marker) = marker else { break };
            form = format!("MaxRecords=20&Marker={marker}");
        }
        assert_eq!(all, names);
        assert!(page(members(), &Parameters::of_form("MaxRecords=10")).is_err());
        assert!(page(members(), &Parameters::of_form("Marker=zz")).is_err());
    }
}
