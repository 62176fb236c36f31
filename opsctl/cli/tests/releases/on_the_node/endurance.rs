//! What takes minutes: `cargo xtask test endurance`.

use super::{deaths, texts};

#[test]
fn a_good_release_may_be_killed_anywhere() {
    deaths::good("deaths-everywhere", |_| true);
}

#[test]
fn a_failing_release_may_be_killed_anywhere_on_its_way_back() {
    deaths::failing("deaths-everywhere-back", |_| true);
}

#[test]
fn very_many_objects_are_released_within_the_memory_of_a_small_machine() {
    texts::many("very-many", 2000);
}
