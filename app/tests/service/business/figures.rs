//! Who was here, and what is counted of a day.

use anyhow::{Context, Result};
use app::database::{Day, Timestamp};
use app::figures::{Rate, aggregate, between};

use crate::support::{Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    whoever_is_recognised_was_here_that_day_once,
    a_day_is_counted_as_it_was_and_counting_again_changes_nothing,
    requests_are_counted_when_the_process_ends,
);

async fn whoever_is_recognised_was_here_that_day_once(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (me, id) = service.client.sign_up("me@example.com").await?;
    let (you, _) = service.client.sign_up("you@example.com").await?;
    for client in [&me, &me, &you, &service.client_of_anybody()?] {
        client.get("/api/posts").await?;
    }
    let rows = "SELECT count(*) AS x FROM user_activity";
    eventually("both were written, and nobody else", || async {
        (place.text(rows).await.ok()? == "2").then_some(())
    })
    .await?;
    me.get("/api/posts").await?;
    service.stop().await;
    let mine = format!("SELECT day AS x FROM user_activity WHERE user_id = '{id}'");
    assert_eq!(place.texts(&mine).await?.len(), 1);
    Ok(())
}

/// Accounts by the days before today on which they were made, with the days on which they were here, and whether they paid.
const ACCOUNTS: &[(i64, &[i64], bool)] = &[
    // Neither asked whether they stayed nor new.
    (67, &[0], true),
    (36, &[0], false),
    // Asked: two of three stayed.
    (66, &[6], false),
    (37, &[0, 1], false),
    (40, &[7, 29], true),
    // New: one of three paid.
    (29, &[], true),
    (1, &[1], false),
    (0, &[0], false),
    // Too late for the figures of today.
    (-1, &[-1], true),
];

async fn fill(place: &Place, today: Day) -> Result<()> {
    for (number, (made, here, paid)) in ACCOUNTS.iter().enumerate() {
        let made = today.plus(-made).start().with_milliseconds();
        let email = format!("u{number}@example.com");
        place
            .execute(&format!(
                "INSERT INTO users (email, password_hash, created_at, updated_at) VALUES ('{email}', 'x', '{made}', '{made}')"
            ))
            .await?;
        let of = format!("FROM users WHERE email = '{email}'");
        for day in *here {
            let day = today.plus(-day);
            let insert = "INSERT INTO user_activity (user_id, day)";
            let cast = match place.engine {
                Engine::Sqlite => format!("'{day}'"),
                Engine::Postgres => format!("'{day}'::date"),
            };
            place
                .execute(&format!("{insert} SELECT id, {cast} {of}"))
                .await?;
        }
        if *paid {
            let moment = match place.engine {
                Engine::Sqlite => format!("'{made}'"),
                Engine::Postgres => format!("'{made}'::timestamptz"),
            };
            let insert = "INSERT INTO subscriptions (user_id, provider_id, paid_at)";
            place
                .execute(&format!(
                    "{insert} SELECT id, 'sub_{number}', {moment} {of}"
                ))
                .await?;
        }
    }
    Ok(())
}

async fn a_day_is_counted_as_it_was_and_counting_again_changes_nothing(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let today = Day::today().plus(-100);
    fill(&place, today).await?;
    let database = service.database();
    for _ in 0..2 {
        aggregate(&database.write()?, today, Timestamp::now()).await?;
    }
    let figures = between(&database.read()?, today, today).await?;
    let [figures] = figures.try_into().ok().context("one row")?;
    assert_eq!(figures.users_total, 8);
    assert_eq!(figures.signups, 1);
    assert_eq!(figures.daily_active, 4);
    assert_eq!(figures.monthly_active, 7);
    assert_eq!(figures.conversion(), Rate { part: 1, whole: 3 });
    assert_eq!(figures.retention(), Rate { part: 2, whole: 3 });

    place.execute("DELETE FROM users").await?;
    aggregate(&database.write()?, today, Timestamp::now()).await?;
    let figures = between(&database.read()?, today, today).await?;
    assert_eq!(figures[0].users_total, 0);
    assert_eq!(figures[0].conversion().ratio(), None);
    Ok(())
}

async fn requests_are_counted_when_the_process_ends(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    for _ in 0..2 {
        let service = Service::on(&place).await?;
        for _ in 0..5 {
            service.client.get("/api/posts").await?;
            service.client.get("/health/live").await?;
        }
        service.stop().await;
    }
    let sum = "SELECT CAST(sum(requests) AS integer) AS x FROM daily_traffic";
    assert_eq!(place.text(sum).await?, "10");
    Ok(())
}
