//! Images that say which schemas they serve, before a database that has another.

use testkit::lab::{Image, tools_folder};

use crate::place::Place;

/// Puts an image into the registry that was built for that migration.
fn built_for(place: &Place, tag: &str, migration: i64) {
    let number = migration.to_string();
    let labels = [
        ("opsctl.schema.needs", number.as_str()),
        ("opsctl.schema.knows", number.as_str()),
    ];
    let image = Image::of(&tools_folder().join("probe")).unwrap();
    let registry = place.ground.lab.registry().unwrap();
    let image = image.labelled(&labels).unwrap();
    registry.push(&image, &format!("probe:{tag}")).unwrap();
}

fn newest(place: &Place) -> i64 {
    let status = place.json("migrate status");
    let applied = status["status"]["applied"].as_array().unwrap();
    applied.last().unwrap()["version"].as_i64().unwrap()
}

#[test]
fn an_image_that_needs_more_than_the_schema_has_is_refused_and_one_that_does_not_say_is_let_pass() {
    let place = Place::with_postgres("schema-range");
    let newest = newest(&place);
    built_for(&place, "v7.0.0", newest + 1);
    let refused = place.run("deploy v7.0.0 --yes");
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("schema-out-of-range"),
        "{}",
        refused.stderr
    );
    assert!(place.ends().is_empty());

    let silent = place.well("deploy v1.0.0 --yes");
    assert!(
        silent.stderr.contains("schema-unknown"),
        "{}",
        silent.stderr
    );

    built_for(&place, "v7.0.1", newest);
    let fits = place.well("deploy v7.0.1 --yes");
    assert!(
        !fits.stderr.contains("schema-out-of-range"),
        "{}",
        fits.stderr
    );
    built_for(&place, "v7.0.2", 1);
    place.well("deploy v7.0.2 --yes");
    place.well(&format!(
        "migrate down --to {} --confirm cluster",
        newest - 1
    ));
    let back = place.run("rollback 2 --yes");
    assert_eq!(back.code, Some(4), "{}", back.stderr);
    assert!(
        back.stderr.contains("schema-out-of-range"),
        "{}",
        back.stderr
    );
    assert_eq!(place.ends(), ["succeeded"; 3]);
}
