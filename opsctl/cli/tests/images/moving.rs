//! Pushed, listed, promoted, refused.

use testkit::registry::Registry;

use crate::place::Place;

fn tags(place: &Place) -> Vec<(String, String)> {
    let listed = place.run("image list").expect(0).document();
    let images = listed["images"].as_array().unwrap().clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut tags: Vec<_> = images
        .iter()
        .map(|image| (text(&image["tag"]), text(&image["digest"])))
        .collect();
    tags.sort();
    tags
}

#[test]
fn an_image_goes_from_its_commit_to_a_release_and_its_digest_stays() {
    let registry = Registry::start().unwrap();
    let place = Place::before(&registry);
    let pushed = place.run("image build --push").expect(0).document();
    let (tag, digest) = (pushed["tag"].as_str().unwrap(), &pushed["digest"]);
    assert!(tag.starts_with("staging-"), "{tag}");
    let promoted = place.run(&format!("image promote {tag} v1.0.0 --yes"));
    assert_eq!(promoted.expect(0).document()["digest"], *digest);
    let latest = place.run("image promote v1.0.0 latest --yes");
    assert_eq!(latest.expect(0).document()["digest"], *digest);
    let named = tags(&place);
    assert_eq!(named.len(), 3);
    assert!(named.iter().all(|(_, other)| digest == other));
    let listed = place.run("image list").expect(0).document();
    let labels = &listed["images"][0]["labels"];
    assert_eq!(labels["org.opencontainers.image.version"], "0.3.0");
}

#[test]
fn a_version_is_never_pushed_twice() {
    let registry = Registry::start().unwrap();
    let place = Place::before(&registry);
    let push = "image build --push --tag v1.0.0";
    place.run(push).expect(0);
    place.run(push).expect(0);
    place.change("two");
    let refused = place.run(push).expect(4);
    assert!(
        refused.stdout.contains("names another image"),
        "{refused:?}"
    );
    assert!(refused.stdout.contains("runbooks/image.md"), "{refused:?}");
    assert_eq!(tags(&place).len(), 1);
}

#[test]
fn what_breaks_the_rules_of_tags_is_refused_before_anything_is_built() {
    let registry = Registry::start().unwrap();
    let place = Place::before(&registry);
    place.run("image build --push --tag latest").expect(4);
    place.run("image build --push --tag main").expect(2);
    place
        .run("image build --push --tag staging-0123456")
        .expect(4);
    assert!(!place.binary().exists());
    let nowhere = place.run("image promote v9.9.9 v9.9.10 --yes").expect(1);
    assert!(nowhere.stdout.contains("v9.9.9"), "{nowhere:?}");
    place.run("image promote v1.0.0 v1.0.1:x --yes").expect(2);
}

#[test]
fn a_promotion_asks_and_no_terminal_never_means_yes() {
    let registry = Registry::start().unwrap();
    let place = Place::before(&registry);
    place.run("image build --push --tag v1.0.0").expect(0);
    let refused = place.run("image promote v1.0.0 latest").expect(4);
    assert!(refused.stdout.contains("--yes"), "{refused:?}");
    assert_eq!(tags(&place).len(), 1);
}

#[test]
fn an_image_keeps_its_tag_and_its_digest_in_another_registry() {
    let (ours, theirs) = (Registry::start().unwrap(), Registry::start().unwrap());
    let place = Place::before(&ours);
    let pushed = place.run("image build --push --tag v1.0.0").expect(0);
    let target = format!("{}/production/app", theirs.host());
    let promoted = place.run(&format!("image promote v1.0.0 {target} --yes"));
    let promoted = promoted.expect(0).document();
    assert_eq!(promoted["digest"], pushed.document()["digest"]);
    assert_eq!(promoted["repository"], target);
    let listed = place.run(&format!("image list --repository {target}"));
    let listed = listed.expect(0).document();
    assert_eq!(listed["images"][0]["digest"], promoted["digest"]);
}

#[test]
fn a_registry_that_wants_a_password_is_told_of_and_entered_with_docker_s() {
    let registry = Registry::start_guarded().unwrap();
    let place = Place::before(&registry);
    let refused = place.run("image list").expect(8);
    let hint = format!("docker login {}", registry.host());
    assert!(refused.stdout.contains(&hint), "{refused:?}");
    let (user, password) = (Registry::USER, Registry::PASSWORD);
    let known = format!(
        "{{\"auths\":{{\"{}\":{{\"username\":\"{user}\",\"password\":\"{password}\"}}}}}}",
        registry.host()
    );
    place.write(".docker/config.json", &known);
    place.run("image list").expect(0);
    place.write(".docker/config.json", "{");
    place.run("image list").expect(8);
    place.run("operation list").expect(0);
}

#[test]
fn without_a_repository_somebody_says_where_to_write_it() {
    let place = Place::before(&Registry::start().unwrap());
    let bare = "version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n";
    place.write("opsctl.yaml", bare);
    let refused = place.run("image list").expect(2);
    assert!(refused.stdout.contains("--repository"), "{refused:?}");
}

#[test]
fn an_image_says_which_schemas_its_program_serves() {
    let registry = Registry::start().unwrap();
    let place = Place::before(&registry);
    place.write(
        "app/src/database/schema.rs",
        "pub const APP_SCHEMA: i64 = 2;\n",
    );
    for name in ["0001_a", "0002_b", "0003_c"] {
        place.write(
            &format!("migrations/postgres/{name}.up.sql"),
            "-- phase: expand\n",
        );
    }
    place.change("two");
    place.run("image build --push --tag v1.0.0").expect(0);
    let listed = place.run("image list").expect(0).document();
    let labels = &listed["images"][0]["labels"];
    assert_eq!(labels["opsctl.schema.needs"], "2", "{listed}");
    assert_eq!(labels["opsctl.schema.knows"], "3", "{listed}");
}
