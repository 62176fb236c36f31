//! Migrations forward and back.

use anyhow::Result;

use crate::support::{Engine, Place, migrations, on_both_engines};

on_both_engines!(what_was_migrated_can_be_undone_and_done_again);

async fn what_was_migrated_can_be_undone_and_done_again(engine: Engine) -> Result<()> {
    let place = Place::migrated(engine).await?;
    place.undo_migrations().await?;
    let left = match engine {
        Engine::Sqlite => {
            "SELECT name AS x FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx%'"
        }
        Engine::Postgres => {
            "SELECT relname AS x FROM pg_class WHERE relnamespace = 'public'::regnamespace \
             AND relname NOT LIKE '_sqlx%' \
             UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        }
    };
    assert_eq!(place.texts(left).await?, [""; 0]);
    place.migrate().await?;
    assert_eq!(place.text("SELECT count(*) AS x FROM users").await?, "0");
    Ok(())
}

#[test]
fn both_engines_have_the_same_migrations_each_with_its_phase_and_its_way_back() -> Result<()> {
    let names = |engine| -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(migrations(engine))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.retain(|name| name.starts_with(|first: char| first.is_ascii_digit()));
        names.sort();
        Ok(names)
    };
    let sqlite = names(Engine::Sqlite)?;
    assert_eq!(sqlite, names(Engine::Postgres)?);
    for name in sqlite.iter().filter(|name| name.ends_with(".up.sql")) {
        assert!(sqlite.contains(&name.replace(".up.", ".down.")), "{name}");
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let text = std::fs::read_to_string(migrations(engine).join(name))?;
            let phase = text
                .lines()
                .find_map(|line| line.strip_prefix("-- phase: "));
            assert!(
                matches!(phase, Some("expand" | "contract")),
                "{engine:?} {name}"
            );
        }
    }
    Ok(())
}
