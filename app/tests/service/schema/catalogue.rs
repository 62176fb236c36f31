//! Reads the catalogue of each engine and compares it, line by line, with what stands beside this file. A change of schema is
//! a change of those files, seen in review.

use anyhow::Result;

use crate::support::{Engine, Place};

const COLUMNS_POSTGRES: &str = "SELECT c.table_name || '.' || c.column_name || ' ' || format_type(a.atttypid, a.atttypmod) \
       || coalesce(' collate ' || c.collation_name, '') \
       || CASE c.is_nullable WHEN 'NO' THEN ' not null' ELSE '' END \
       || coalesce(' default ' || c.column_default, '') \
       || coalesce(' generated ' || c.generation_expression, '') AS x \
    FROM information_schema.columns c \
    JOIN pg_attribute a ON a.attrelid = c.table_name::regclass AND a.attname = c.column_name \
    WHERE c.table_schema = 'public' AND c.table_name <> '_sqlx_migrations' \
    ORDER BY c.table_name, c.ordinal_position";
const CONSTRAINTS_POSTGRES: &str = "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS x \
    FROM pg_constraint \
    WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid <> '_sqlx_migrations'::regclass \
    ORDER BY conrelid::regclass::text COLLATE \"C\", conname";
const INDEXES_POSTGRES: &str = "SELECT indexdef AS x FROM pg_indexes \
    WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations' ORDER BY tablename, indexname";
const TRIGGERS_POSTGRES: &str = "SELECT pg_get_triggerdef(oid) AS x FROM pg_trigger \
    WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text COLLATE \"C\", tgname";

const COLUMNS_SQLITE: &str = "SELECT m.name || '.' || c.name || ' ' || c.type \
       || CASE c.\"notnull\" WHEN 1 THEN ' not null' ELSE '' END \
       || CASE c.pk WHEN 0 THEN '' ELSE ' primary key ' || c.pk END \
       || coalesce(' default ' || replace(replace(c.dflt_value, char(10), ''), '        ', ' '), '') AS x \
    FROM sqlite_schema m, pragma_table_info(m.name) c \
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'posts_search%' \
      AND m.name <> '_sqlx_migrations' \
    ORDER BY m.name, c.cid";
const KEYS_SQLITE: &str = "SELECT m.name || '.' || k.\"from\" || ' references ' || k.\"table\" || '.' || k.\"to\" \
       || ' on delete ' || k.on_delete AS x \
    FROM sqlite_schema m, pragma_foreign_key_list(m.name) k WHERE m.type = 'table' \
    ORDER BY m.name, k.\"from\"";
const INDEXES_SQLITE: &str = "SELECT m.name || ' ' || i.name || CASE i.\"unique\" WHEN 1 THEN ' unique' ELSE '' END || ' (' || \
       (SELECT group_concat(x.name || ' ' || x.coll, ', ') FROM pragma_index_xinfo(i.name) x WHERE x.key = 1) || ')' AS x \
    FROM sqlite_schema m, pragma_index_list(m.name) i \
    WHERE m.type = 'table' AND m.name NOT LIKE 'posts_search%' AND m.name <> '_sqlx_migrations' \
    ORDER BY m.name, i.name";
const TRIGGERS_SQLITE: &str = "SELECT tbl_name || ' ' || name AS x FROM sqlite_schema WHERE type = 'trigger' ORDER BY tbl_name, name";
/// Lengths, formats and ranges have no place of their own in SQLite's catalogue but the text of the table.
const CHECKS_SQLITE: &str =
    "SELECT name || ' ' || sql AS x FROM sqlite_schema WHERE type = 'table' ORDER BY name";

async fn lines(place: &Place, parts: &[(&str, &str)]) -> Result<String> {
    let mut text = String::new();
    for (heading, query) in parts {
        text.push_str(&format!("# {heading}\n"));
        for line in place.texts(query).await? {
            text.push_str(&format!("{line}\n"));
        }
    }
    Ok(text)
}

#[tokio::test]
async fn postgres_holds_what_the_specification_says() -> Result<()> {
    let place = Place::migrated(Engine::Postgres).await?;
    let parts = [
        ("columns", COLUMNS_POSTGRES),
        ("constraints", CONSTRAINTS_POSTGRES),
        ("indexes", INDEXES_POSTGRES),
        ("triggers", TRIGGERS_POSTGRES),
    ];
    let text = lines(&place, &parts).await?;
    compare(&text, include_str!("postgres.txt"), "postgres.txt")
}

#[tokio::test]
async fn sqlite_holds_what_the_specification_says() -> Result<()> {
    let place = Place::migrated(Engine::Sqlite).await?;
    let parts = [
        ("columns", COLUMNS_SQLITE),
        ("foreign keys", KEYS_SQLITE),
        ("indexes", INDEXES_SQLITE),
        ("triggers", TRIGGERS_SQLITE),
    ];
    let checks = checks(&place).await?;
    let text = lines(&place, &parts).await?;
    compare(
        &format!("{text}# checks\n{checks}"),
        include_str!("sqlite.txt"),
        "sqlite.txt",
    )
}

async fn checks(place: &Place) -> Result<String> {
    let mut text = String::new();
    for table in place.texts(CHECKS_SQLITE).await? {
        let name = table.split(' ').next().unwrap_or_default().to_owned();
        let checks = table
            .lines()
            .filter(|line| line.contains(" CHECK ") && !name.starts_with('_'));
        for check in checks {
            let check = check
                .trim()
                .trim_start_matches("CONSTRAINT ")
                .trim_end_matches(',');
            text.push_str(&format!("{name} {check}\n"));
        }
        if table.contains(") STRICT") {
            text.push_str(&format!("{name} STRICT\n"));
        }
    }
    Ok(text)
}

/// Where they differ, the new one lies beside the build.
fn compare(found: &str, expected: &str, file: &str) -> Result<()> {
    if found != expected {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(folder.join(file), found)?;
    }
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "line {}", number + 1);
    }
    assert_eq!(found, expected);
    Ok(())
}
