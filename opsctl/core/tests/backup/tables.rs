//! One table a rule.

use std::time::Duration;

use opsctl_core::backup::{Health, Keep, decide};

use crate::candidates::{DAY, HOUR, daily, going, now, policy, taken};

fn seconds(seconds: u64) -> i64 {
    seconds.cast_signed()
}

#[test]
fn just_inside_the_retention_stays_and_just_outside_goes() {
    let mut backups = daily(20);
    backups.push(taken("inside", seconds(30 * DAY)));
    backups.push(taken("outside", seconds(30 * DAY + 1)));
    assert_eq!(going(&backups, &policy(), now()), ["outside"]);
}

#[test]
fn order_goes_by_the_time_of_the_data_and_never_by_the_name() {
    let mut backups = daily(20);
    backups.push(taken("zzz-newest-by-name", seconds(40 * DAY)));
    backups.push(taken("000-oldest-by-name", seconds(2 * HOUR)));
    assert_eq!(going(&backups, &policy(), now()), ["zzz-newest-by-name"]);
}

#[test]
fn the_newest_good_ones_stay_whatever_their_age() {
    let mut backups = daily(40);
    for backup in &mut backups[..31] {
        backup.health = Health::Broken("app.sqlite3: gone".into());
    }
    let gone = going(&backups, &policy(), now());
    assert!(!gone.contains(&"day-31".to_owned()) && !gone.contains(&"day-32".to_owned()));
    assert!(gone.contains(&"day-33".to_owned()));
}

#[test]
fn a_broken_one_does_not_count_for_the_floor() {
    let mut backups = vec![
        taken("a", seconds(31 * DAY)),
        taken("b", seconds(32 * DAY)),
        taken("c", seconds(33 * DAY)),
    ];
    let policy = opsctl_core::backup::Policy {
        stale_after: opsctl_core::environment::Span::days(60),
        ..policy()
    };
    backups[0].health = Health::Broken("manifest.json: gone".into());
    assert_eq!(going(&backups, &policy, now()), ["a"]);
}

#[test]
fn the_newest_drilled_one_stays_and_older_drilled_ones_go() {
    let mut backups = daily(60);
    for day in [40, 50] {
        backups[day].drilled = true;
    }
    let gone = going(&backups, &policy(), now());
    assert!(!gone.contains(&"day-40".to_owned()));
    assert!(gone.contains(&"day-50".to_owned()));
}

#[test]
fn a_damaged_backup_is_no_proof_even_if_it_once_passed_a_drill() {
    let mut backups = daily(60);
    backups[40].drilled = true;
    backups[50].drilled = true;
    backups[40].health = Health::Broken("app.sqlite3: gone".into());
    let gone = going(&backups, &policy(), now());
    assert!(gone.contains(&"day-40".to_owned()) && !gone.contains(&"day-50".to_owned()));
}

#[test]
fn a_pinned_one_stays_and_says_who_wants_it() {
    let mut backups = daily(60);
    backups[45].pins = vec!["a restore reads it (restore-1)".into()];
    let decision = &decide(&backups, &policy(), now())[45];
    assert_eq!(
        decision.keep,
        [Keep::Pinned("a restore reads it (restore-1)".into())]
    );
}

#[test]
fn a_clock_that_jumps_ahead_deletes_nothing() {
    let backups = daily(28);
    for days in [2, 29, 60, 400, 4000] {
        let later = now().plus(Duration::from_secs(days * DAY));
        assert_eq!(going(&backups, &policy(), later), Vec::<String>::new());
    }
}

#[test]
fn a_backup_taken_while_the_clock_was_ahead_does_not_condemn_the_others() {
    let mut backups = daily(28);
    backups.push(taken("ahead", -seconds(4000 * DAY)));
    // The clock is still ahead: the new backup looks an hour old, and all others ten years.
    let ahead = now().plus(Duration::from_secs(4000 * DAY + HOUR));
    assert_eq!(going(&backups, &policy(), ahead), Vec::<String>::new());
    // The clock is right again: the backup is from the future, and no stand-in for a real one.
    let decisions = decide(&backups, &policy(), now());
    assert_eq!(decisions[28].keep[0], Keep::FromTheFuture);
    assert!(decisions[0].keep.contains(&Keep::Floor));
}

#[test]
fn a_clock_that_jumps_back_deletes_nothing() {
    let earlier = now().minus(Duration::from_secs(400 * DAY));
    assert_eq!(going(&daily(60), &policy(), earlier), Vec::<String>::new());
}

#[test]
fn backups_that_stopped_long_ago_are_not_deleted_one_by_one() {
    let backups = daily(28);
    for day in 0..100 {
        let later = now().plus(Duration::from_secs(day * DAY));
        assert_eq!(going(&backups, &policy(), later), Vec::<String>::new());
    }
}

#[test]
fn no_backups_is_no_decision() {
    assert!(decide(&[], &policy(), now()).is_empty());
}
