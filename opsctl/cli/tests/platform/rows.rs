//! Single rows, deleted by mistake under a running application.

use crate::place::Place;

pub const ADA: [&str; 6] = [
    "restore",
    "rows",
    "--table",
    "users",
    "--where",
    "email = 'ada@example.org'",
];

#[test]
fn a_deleted_user_comes_back_after_a_second_plan_and_a_yes() {
    let (place, service) = Place::serving();
    assert_eq!(service.sign_up("ada"), 201);
    place.back_up();
    let nothing = place.run(&[&ADA[..], &["--yes"]].concat());
    assert!(
        nothing.said().contains("nothing is missing"),
        "{}",
        nothing.said()
    );
    delete_ada(&place);
    assert_eq!(service.sign_up("bob"), 201);

    let refused = place.run(&ADA).expect(4);
    let said = refused.said();
    let (_, hint) = said.split_once("--copy ").unwrap();
    let copy = hint.split(':').next().unwrap();
    let words = [&ADA[..], &["--copy", copy, "--yes"]].concat();
    let result = place.run(&words).expect(0).result();
    assert_eq!(result["rows"], 1);
    assert_eq!(service.sign_up("ada"), 409, "she is there again");
    assert_eq!(service.sign_up("bob"), 409, "what came since stayed");
    let listed = place.run(&["restore", "list"]).expect(0);
    assert!(!listed.stdout.contains(copy), "the copy is gone");
}

#[test]
fn an_address_that_is_taken_by_now_is_named_and_nothing_is_written() {
    let (place, service) = Place::serving();
    assert_eq!(service.sign_up("ada"), 201);
    place.back_up();
    delete_ada(&place);
    assert_eq!(service.sign_up("ada"), 201);
    let refused = place.run(&[&ADA[..], &["--yes"]].concat()).expect(4);
    assert!(
        refused.said().contains("--skip-conflicts"),
        "{}",
        refused.said()
    );
    assert!(
        refused.said().contains("belongs to row"),
        "{}",
        refused.said()
    );
}

pub fn delete_ada(place: &Place) {
    on_the_database(place, async |session| {
        sqlx::query("DELETE FROM users WHERE email = 'ada@example.org'")
            .execute(session)
            .await
            .unwrap();
    });
}

/// How many rows there are; `from` is a table, with a condition or without.
pub fn count(place: &Place, from: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {from}");
    on_the_database(place, async |session| {
        let count = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
        count.fetch_one(session).await.unwrap()
    })
}

fn on_the_database<T>(
    place: &Place,
    work: impl AsyncFnOnce(&mut sqlx::SqliteConnection) -> T,
) -> T {
    let url = place.descriptor()["url"].as_str().unwrap().to_owned();
    let file = url.trim_start_matches("sqlite:").to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        use sqlx::Connection;
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(file)
            .foreign_keys(true);
        let mut session = sqlx::SqliteConnection::connect_with(&options)
            .await
            .unwrap();
        let answer = work(&mut session).await;
        session.close().await.unwrap();
        answer
    })
}
