//! Sign-up and `GET /api/users/{id}`, to the letter of the contract.

use anyhow::Result;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_user_sees_the_profile_of_the_contract,
    a_stranger_is_refused_whether_or_not_the_user_exists,
    a_user_who_is_gone_is_not_found_by_who_may_look_and_has_no_session_left,
    without_a_valid_token_nobody_is_shown,
    a_malformed_id_is_the_callers_mistake,
    json_is_answered_whatever_is_accepted_and_names_that_nobody_gave_are_null,
    an_address_is_taken_whatever_its_case,
    lengths_are_counted_in_characters,
);

async fn a_user_sees_the_profile_of_the_contract(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let body = json!({
        "email": "User@Example.com", "password": "correct horse",
        "first_name": "John", "last_name": "Doe",
    });
    let created = service.client.post("/api/users", &body).await?;
    assert_eq!(created.status, 201);
    let id = created.text("id");
    assert_eq!(created.header("location"), format!("/api/users/{id}"));
    place
        .execute(
            "UPDATE users SET created_at = '2024-01-15T10:30:00.999Z'; \
             UPDATE users SET updated_at = '2024-01-20T14:45:00.000Z'",
        )
        .await?;

    let body = json!({"email": "user@example.com", "password": "correct horse"});
    let session = service.client.post("/auth/login", &body).await?;
    assert_eq!(session.json["token_type"], "Bearer");
    assert_eq!(session.json["expires_in"], 3600);
    assert_eq!(session.header("cache-control"), "no-store");
    let client = service.client.with_token(session.text("access_token"));

    let answer = client.get(&format!("/api/users/{id}")).await?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "private, max-age=300");
    assert!(
        answer
            .header("vary")
            .to_lowercase()
            .contains("authorization")
    );
    assert_eq!(answer.header("content-type"), "application/json");
    let updated_at = answer.text("updated_at");
    assert_eq!(
        updated_at.len(),
        "2024-01-20T14:45:00Z".len(),
        "{updated_at}"
    );
    assert_eq!(
        answer.json,
        json!({
            "id": id, "email": "user@example.com", "first_name": "John", "last_name": "Doe",
            "created_at": "2024-01-15T10:30:00Z", "updated_at": updated_at,
        })
    );
    Ok(())
}

async fn a_stranger_is_refused_whether_or_not_the_user_exists(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (_, other) = service.client.sign_up("other@example.com").await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let existing = client.get(&format!("/api/users/{other}")).await?;
    let missing = client
        .get("/api/users/550e8400-e29b-41d4-a716-446655440000")
        .await?;
    assert_eq!(existing.problem(), (403, "insufficient_permissions"));
    assert_eq!(
        existing.json["message"],
        "You don't have permission to view this user"
    );
    assert_eq!(existing.json, missing.json);
    assert_eq!(existing.status, missing.status);
    Ok(())
}

async fn a_user_who_is_gone_is_not_found_by_who_may_look_and_has_no_session_left(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let admin = service.admin(&place).await?;
    place
        .execute("DELETE FROM users WHERE email = 'me@example.com'")
        .await?;
    let path = format!("/api/users/{id}");
    assert_eq!(client.get(&path).await?.problem(), (401, "invalid_token"));
    let answer = admin.get(&path).await?;
    assert_eq!(answer.problem(), (404, "user_not_found"));
    assert_eq!(
        answer.json["message"],
        format!("User with id {id} does not exist")
    );
    Ok(())
}

async fn without_a_valid_token_nobody_is_shown(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let path = "/api/users/550e8400-e29b-41d4-a716-446655440000";
    for client in [
        service.client.clone(),
        service.client.with_token("no.token.this"),
    ] {
        let answer = client.get(path).await?;
        assert_eq!(answer.problem(), (401, "invalid_token"));
        assert_eq!(answer.json["message"], "JWT token is missing or invalid");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    // Not even whether an id is well formed.
    assert_eq!(
        service.client.get("/api/users/1").await?.problem(),
        (401, "invalid_token")
    );
    Ok(())
}

async fn a_malformed_id_is_the_callers_mistake(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    for id in [
        "1",
        "me",
        "%00",
        "%ff",
        &id[1..],
        &id.replace('-', ""),
        &format!("{id}0"),
    ] {
        let answer = client.get(&format!("/api/users/{id}")).await?;
        assert_eq!(answer.problem(), (400, "invalid_id"), "{id}");
    }
    assert_eq!(
        client
            .get(&format!("/api/users/{}", id.to_uppercase()))
            .await?
            .status,
        200
    );
    Ok(())
}

async fn json_is_answered_whatever_is_accepted_and_names_that_nobody_gave_are_null(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    for accepted in [
        "application/json",
        "text/html",
        "image/*;q=0.1",
        "*/*",
        "nonsense",
        "",
    ] {
        let headers = [("accept", accepted)];
        for (path, status) in [
            (format!("/api/users/{id}"), 200),
            ("/api/users/1".into(), 400),
        ] {
            let answer = client.send_with(Method::GET, &path, &headers, None).await?;
            assert_eq!(answer.status, status, "{accepted}");
            assert_eq!(answer.header("content-type"), "application/json");
            if status == 200 {
                let names = (answer.json.get("first_name"), answer.json.get("last_name"));
                assert_eq!(names, (Some(&Value::Null), Some(&Value::Null)));
            }
        }
    }
    Ok(())
}

async fn an_address_is_taken_whatever_its_case(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    for (first, again) in [
        ("a@example.com", "A@EXAMPLE.com"),
        ("ä@example.com", "Ä@example.com"),
    ] {
        service.client.sign_up(first).await?;
        let body = json!({"email": again, "password": "correct horse"});
        let answer = service.client.post("/api/users", &body).await?;
        assert_eq!(answer.problem(), (409, "email_taken"), "{again}");
    }
    assert_eq!(place.text("SELECT count(*) AS x FROM users").await?, "2");
    Ok(())
}

async fn lengths_are_counted_in_characters(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let name = |length| "é".repeat(length);
    let sign_up = async |email: String, first_name: String, last_name: String| {
        let body = json!({
            "email": email, "password": "correct horse",
            "first_name": first_name, "last_name": last_name,
        });
        service.client.post("/api/users", &body).await
    };
    let longest = format!("{}@example.com", "é".repeat(254 - 12));
    assert_eq!(
        sign_up(longest.clone(), name(100), name(100)).await?.status,
        201
    );
    for (email, first, last) in [
        (format!("x{longest}"), name(1), name(1)),
        ("b@example.com".into(), name(101), name(1)),
        ("b@example.com".into(), name(1), name(101)),
    ] {
        assert_eq!(
            sign_up(email, first, last).await?.problem(),
            (422, "invalid_field")
        );
    }
    Ok(())
}
