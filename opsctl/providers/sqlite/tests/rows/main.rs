//! Rows that come back into a real SQLite database.
#![allow(clippy::unwrap_used)]

mod stage;

use opsctl_core::ports::RowTransfer;
use opsctl_core::restore::{Reason, RowsRequest, preview};
use opsctl_simulation::Grant;
use opsctl_sqlite::rows::SqliteRows;

use stage::{ADA, BOB, Stage};

fn wanted(condition: &str) -> RowsRequest {
    RowsRequest {
        table: "users".into(),
        condition: condition.into(),
    }
}

#[tokio::test]
async fn a_deleted_user_comes_back_with_posts_and_comments_in_one_transaction() {
    let stage = Stage::new().await;
    let before = stage.everything().await;
    stage
        .live("DELETE FROM users WHERE email = 'ada@example.org'")
        .await;
    let request = wanted("email = 'ada@example.org'");
    let found = preview(&SqliteRows, &stage.copy, &stage.live, &request)
        .await
        .unwrap();
    let told: Vec<_> = found
        .tables
        .iter()
        .map(|t| (t.table.as_str(), t.wanted, t.children, t.parents))
        .collect();
    // Ada wrote a post that Bob answered, and answered Bob's post.
    assert_eq!(
        told,
        [
            ("comments", 0, 2, 0),
            ("posts", 0, 1, 0),
            ("users", 1, 0, 0)
        ]
    );
    assert_eq!(found.conflicts, []);
    let order: Vec<_> = found
        .batches
        .iter()
        .map(|batch| batch.table.as_str())
        .collect();
    assert_eq!(order, ["users", "posts", "comments"]);
    let grant = Grant::new("restore-rows-1").await;
    let rows = SqliteRows
        .insert(&grant.permit(), &stage.live, &found.batches)
        .await;
    assert_eq!(rows.unwrap(), 4);
    assert_eq!(
        stage.everything().await,
        before,
        "every column is as it was"
    );
    let again = SqliteRows
        .insert(&grant.permit(), &stage.live, &found.batches)
        .await;
    assert_eq!(
        again.unwrap(),
        4,
        "a second run finds what the first one wrote"
    );
    let id = opsctl_core::names::OperationId::new("restore-rows-1").unwrap();
    assert_eq!(
        SqliteRows.inserted(&stage.live, &id).await.unwrap(),
        Some(4)
    );
    let traces = stage
        .texts("SELECT entity FROM audit_log WHERE action = 'restored' ORDER BY 1")
        .await;
    assert_eq!(traces, ["comments", "comments", "posts", "users"]);
}

#[tokio::test]
async fn a_comment_brings_back_the_post_and_the_people_it_needs() {
    let stage = Stage::new().await;
    stage.live("DELETE FROM users").await;
    let request = RowsRequest {
        table: "comments".into(),
        condition: "content = 'bob answers ada'".into(),
    };
    let found = preview(&SqliteRows, &stage.copy, &stage.live, &request)
        .await
        .unwrap();
    let told: Vec<_> = found
        .tables
        .iter()
        .map(|t| (t.table.as_str(), t.wanted, t.children, t.parents))
        .collect();
    assert_eq!(
        told,
        [
            ("comments", 1, 0, 0),
            ("posts", 0, 0, 1),
            ("users", 0, 0, 2)
        ]
    );
    let grant = Grant::new("restore-rows-1").await;
    let rows = SqliteRows
        .insert(&grant.permit(), &stage.live, &found.batches)
        .await;
    assert_eq!(rows.unwrap(), 4);
    assert_eq!(stage.texts("SELECT title FROM posts").await, ["by ada"]);
}

#[tokio::test]
async fn an_address_that_somebody_else_took_since_is_a_conflict_and_so_is_what_hangs_on_it() {
    let stage = Stage::new().await;
    stage
        .live("DELETE FROM users WHERE email = 'ada@example.org'")
        .await;
    stage
        .live("INSERT INTO users (email, password_hash) VALUES ('ADA@example.org', 'x')")
        .await;
    let request = wanted(&format!("id = '{ADA}'"));
    let found = preview(&SqliteRows, &stage.copy, &stage.live, &request)
        .await
        .unwrap();
    assert_eq!(found.rows(), 0);
    let user = found
        .conflicts
        .iter()
        .find(|conflict| conflict.table == "users")
        .unwrap();
    assert!(matches!(user.reason, Reason::Taken { .. }), "{user:?}");
    let orphans = found
        .conflicts
        .iter()
        .filter(|c| matches!(c.reason, Reason::Orphan { .. }));
    assert_eq!(orphans.count(), 3, "{:?}", found.conflicts);
}

#[tokio::test]
async fn a_row_that_is_there_with_other_content_is_left_alone() {
    let stage = Stage::new().await;
    stage
        .live("UPDATE users SET first_name = 'Robert' WHERE email = 'bob@example.org'")
        .await;
    let request = wanted(&format!("id IN ('{ADA}', '{BOB}')"));
    let found = preview(&SqliteRows, &stage.copy, &stage.live, &request)
        .await
        .unwrap();
    let keys: Vec<_> = found
        .conflicts
        .iter()
        .map(|c| (c.key.as_str(), &c.reason))
        .collect();
    assert_eq!(keys, [(BOB, &Reason::Exists)]);
    assert_eq!(found.rows(), 0);
}

#[tokio::test]
async fn what_an_operator_writes_as_a_condition_can_change_nothing() {
    let stage = Stage::new().await;
    let before = stage.everything().await;
    for condition in [
        "1); DELETE FROM users; SELECT (1",
        "id IN (DELETE FROM users RETURNING id)",
        "no_such_column = 1",
        "1 = 1) -- ",
    ] {
        let answer = preview(&SqliteRows, &stage.copy, &stage.live, &wanted(condition)).await;
        drop(answer);
        assert_eq!(stage.everything().await, before, "{condition}");
        let users = stage.copied("SELECT email FROM users ORDER BY 1").await;
        assert_eq!(users, ["ada@example.org", "bob@example.org"], "{condition}");
    }
}

#[tokio::test]
async fn a_row_that_appears_while_we_write_takes_the_whole_transaction_back() {
    let stage = Stage::new().await;
    stage
        .live("DELETE FROM users WHERE email = 'ada@example.org'")
        .await;
    let request = wanted("email = 'ada@example.org'");
    let found = preview(&SqliteRows, &stage.copy, &stage.live, &request)
        .await
        .unwrap();
    stage
        .live("INSERT INTO users (email, password_hash) VALUES ('ada@example.org', 'x')")
        .await;
    let grant = Grant::new("restore-rows-1").await;
    let rows = SqliteRows
        .insert(&grant.permit(), &stage.live, &found.batches)
        .await;
    let failure = rows.unwrap_err();
    assert!(failure.left_behind.unwrap().contains("rolled back"));
    assert_eq!(stage.texts("SELECT title FROM posts").await, ["by bob"]);
}

#[tokio::test]
async fn two_databases_differ_by_what_was_written_to_one_of_them() {
    let stage = Stage::new().await;
    stage
        .live("UPDATE posts SET title = 'changed' WHERE title = 'by bob'")
        .await;
    stage
        .live("INSERT INTO users (email, password_hash) VALUES ('eve@example.org', 'x')")
        .await;
    stage
        .live("DELETE FROM comments WHERE content = 'bob answers ada'")
        .await;
    let differences = SqliteRows
        .differences(&stage.live, &stage.copy, 10)
        .await
        .unwrap();
    let told: Vec<_> = differences
        .iter()
        .filter(|t| t.only_first + t.only_second + t.changed > 0)
        .map(|t| {
            (
                t.table.as_str(),
                t.only_first,
                t.only_second,
                t.changed,
                t.keys.len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("comments", 0, 1, 0, 0),
            ("posts", 0, 0, 1, 1),
            ("users", 1, 0, 0, 1)
        ]
    );
}
