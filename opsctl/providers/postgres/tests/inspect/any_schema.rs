//! Schemas that are not ours.

use anyhow::Result;

use crate::site::{run, session_with};
use crate::stage::{Stage, counts, options};

const ODD: &str = r#"
CREATE SCHEMA "we""ird; schema";
CREATE TYPE "we""ird; schema".mood AS ENUM ('sad', 'glad');
CREATE DOMAIN "we""ird; schema".short AS text CHECK (length(value) < 90);
CREATE TABLE "we""ird; schema"."a b" ("c'd" int, "E" numeric, f float8, g float4, h timestamptz, i interval, j bytea,
    k jsonb, l "we""ird; schema".mood, m "we""ird; schema".short, n int[], o money, p char(5), q text COLLATE "C",
    r numeric GENERATED ALWAYS AS ("E" * 2) STORED);
INSERT INTO "we""ird; schema"."a b" VALUES
    (1, 1.0, 'NaN', '-0', 'infinity', '1 mon', '\x00ff', '{"a": 1.0}', 'sad', 'x', '{1,NULL}', 12.5, 'ab', ''),
    (1, 1.00, '1e-300', 0, '-infinity', '30 days', '', '{}', 'glad', '', '{}', -1, 'ab ', NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE parts (k int, day date NOT NULL, v text, PRIMARY KEY (k, day)) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
INSERT INTO parts SELECT n, '2026-01-01'::date + n, 'v' || n FROM generate_series(0, 300) n;
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
CREATE TABLE parent (x int PRIMARY KEY);
CREATE TABLE child (y int) INHERITS (parent);
INSERT INTO child VALUES (1, 2);
CREATE MATERIALIZED VIEW digest AS SELECT count(*) AS n FROM parts;
CREATE VIEW shown AS SELECT k FROM parts;
CREATE UNLOGGED TABLE forgotten AS SELECT 1 AS x;
CREATE TABLE big AS SELECT 1 AS n, string_agg(md5(g::text), '') AS text FROM generate_series(1, 20000) g;
ALTER TABLE big ALTER COLUMN text SET STORAGE EXTERNAL;
"#;

#[tokio::test]
async fn any_schema_is_compared_like_ours() -> Result<()> {
    let stage = Stage::set_up().await?;
    stage.live(ODD).await?;
    let copy = stage.copy("odd").await?;
    let report = stage.examine(&copy, &options()).await?;
    assert!(report.passed(), "{report:#?}");
    let names: Vec<&str> = report
        .reconciliation
        .tables
        .iter()
        .map(|t| t.name.as_str())
        .collect();
    for name in [
        "we\"ird; schema.a b",
        "parts_1",
        "parts_2",
        "nothing",
        "child",
        "digest",
        "big",
    ] {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
    assert!(!names.contains(&"forgotten"));
    let apart = report
        .integrity
        .levels
        .iter()
        .any(|level| level.detail.contains("forgotten apart"));
    assert!(apart, "{report:#?}");
    Ok(())
}

#[tokio::test]
async fn a_table_without_a_key_is_compared_as_a_multiset() -> Result<()> {
    let stage = Stage::set_up().await?;
    stage.live(ODD).await?;
    let copy = stage.copy("odd").await?;
    let mut session = session_with(&stage.restorer, &copy).await?;
    let lost = "DELETE FROM \"we\"\"ird; schema\".\"a b\" WHERE ctid = \
                (SELECT max(ctid) FROM \"we\"\"ird; schema\".\"a b\")";
    run(&mut session, lost).await?;
    run(&mut session, "UPDATE parts SET v = 'w' WHERE k = 7").await?;
    run(&mut session, "UPDATE nothing SET ctid = ctid")
        .await
        .unwrap_err();
    let report = stage.examine(&copy, &options()).await?;
    assert_eq!(counts(&report, "we\"ird; schema.a b"), (0, 0, 1));
    assert_eq!(counts(&report, "parts_1"), (0, 0, 1));
    assert_eq!(counts(&report, "parts_2"), (0, 0, 0));
    Ok(())
}

#[tokio::test]
async fn values_that_are_equal_but_not_the_same_are_told_apart() -> Result<()> {
    let stage = Stage::set_up().await?;
    stage
        .live(
            "CREATE TABLE same (k int PRIMARY KEY, n numeric, f float8, t timestamptz, s text, j jsonb);
             INSERT INTO same VALUES (1, 1.0, 0, '2026-01-01Z', '', '1.0'), (2, 1, 1, '2026-01-01Z', 'a', '1'),
                 (3, 4294967296, 1, 'epoch', NULL, '1'), (4, 1, 1, 'epoch', '', NULL)",
        )
        .await?;
    let copy = stage.copy("same").await?;
    let mut session = session_with(&stage.restorer, &copy).await?;
    let subtle = "UPDATE same SET n = 1.00 WHERE k = 1; UPDATE same SET f = '-0', t = t + interval '1 microsecond' WHERE k = 2;
                  UPDATE same SET s = '' WHERE k = 3; UPDATE same SET s = NULL WHERE k = 4";
    run(&mut session, subtle).await?;
    let report = stage.examine(&copy, &options()).await?;
    assert_eq!(counts(&report, "same"), (0, 0, 4));
    Ok(())
}
