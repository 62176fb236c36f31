//! ARCHITECTURE.md is a map: every room of the core and of the app must be on it.

use std::collections::BTreeSet;

use super::Fault;

/// The map, from the root of the clone.
pub const FILE: &str = "ARCHITECTURE.md";
/// Where the rooms are: each folder directly below is one.
const HOUSES: [&str; 3] = ["app/src/", "opsctl/core/src/", "opsctl/providers/"];

/// Every room that the map does not name.
pub fn faults(files: &[String], map: &str) -> Vec<Fault> {
    let unnamed = rooms(files)
        .into_iter()
        .filter(|room| !map.contains(&format!("{room}/")));
    let fault = |room| Fault::of_file(FILE, format!("the room '{room}' is not on the map"));
    unnamed.map(fault).collect()
}

fn rooms(files: &[String]) -> BTreeSet<&str> {
    let paths = files
        .iter()
        .filter_map(|file| HOUSES.iter().find_map(|house| file.strip_prefix(house)));
    paths
        .filter_map(|path| Some(path.split_once('/')?.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_that_is_not_on_the_map_is_named() {
        let files = [
            "app/src/users/mod.rs",
            "app/src/main.rs",
            "opsctl/core/src/drill/plan.rs",
        ];
        let files = files.map(str::to_owned);
        let told: Vec<String> = faults(&files, "users/ is here")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            told,
            ["ARCHITECTURE.md: the room 'drill' is not on the map"]
        );
    }
}
