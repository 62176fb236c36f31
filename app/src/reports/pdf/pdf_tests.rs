//! Whatever there is to say, a document comes of it; how it looks is for people to judge.

use std::collections::BTreeMap;

use super::*;
use crate::database::{Day, Timestamp};
use crate::figures::{DayFigures, DayTraffic};
use crate::reports::Sources;

fn sources(environment: &str) -> Sources {
    let made_at = Timestamp::from_microseconds(1_705_370_400_000_000).unwrap();
    Sources {
        day: Day::of(made_at).plus(-1),
        environment: environment.to_owned(),
        made_at,
        figures: Vec::new(),
        traffic: BTreeMap::new(),
    }
}

fn pages(document: &[u8]) -> usize {
    let text = String::from_utf8_lossy(document);
    text.matches("/Type/Page/").count() + text.matches("/Type /Page\n").count()
}

#[test]
fn a_report_of_nothing_is_a_document_of_two_pages() {
    let document = draw(&Contents::from(sources("development"))).unwrap();
    assert!(document.starts_with(b"%PDF-1."));
    assert_eq!(
        pages(&document),
        2,
        "{}",
        String::from_utf8_lossy(&document)
    );
    assert!(document.len() < 100_000, "{}", document.len());
}

#[test]
fn the_same_figures_make_the_same_document() {
    let make = || draw(&Contents::from(sources(&"long ".repeat(200)))).unwrap();
    assert_eq!(make(), make());
}

/// A month that grows, with a day on which nothing was counted.
fn a_month() -> Sources {
    let mut month = sources("production");
    for back in (0..30).filter(|back| *back != 11) {
        let (day, age) = (month.day.plus(-back), 29 - back);
        let busy = 10 - (age * 7) % 5;
        month.figures.push(DayFigures {
            day,
            users_total: 18_200 + age * 61,
            posts_total: 90_000 + age * 300,
            comments_total: 400_000 + age * 900,
            signups: 40 + busy * 4 + age,
            new_posts: 210 + busy * 9,
            new_comments: 700 + busy * 21,
            daily_active: 3_900 + busy * 90 + age * 24,
            monthly_active: 11_000 + age * 45,
            recent_paid: 60 + age,
            recent_signups: 1_800,
            retention_kept: 640 + busy,
            retention_cohort: 1_500,
        });
        let scale = 9_000 + busy * 700;
        let steps = [
            (2, 40),
            (5, 30),
            (10, 15),
            (25, 8),
            (100, 4),
            (500, 2),
            (2500, 1),
        ];
        let buckets = steps.map(|(up_to, part)| (up_to, scale * part, scale * part / 900));
        month.traffic.insert(day, DayTraffic::new(buckets.to_vec()));
    }
    month.figures.reverse();
    month
}

#[test]
fn a_month_of_figures_is_a_document_of_two_pages() {
    let document = draw(&Contents::from(a_month())).unwrap();
    assert_eq!(pages(&document), 2);
}
