//! The description of the interface, locked, and the pages for people.

use anyhow::Result;
use serde_json::{Map, Value};

use crate::support::{DescriptorFile, Engine, Place, Service, eventually};

const KEPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/service/contract/openapi.json"
);

const FOUND: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/openapi.json");

/// A change of the interface is a change of that file, seen in review. Where they differ, the new one lies beside the build.
#[tokio::test]
async fn the_interface_is_the_one_that_was_reviewed() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let document = service.client.get("/openapi.json").await?.json;
    assert_eq!(document["openapi"], "3.1.0");
    let found = format!("{}\n", serde_json::to_string_pretty(&document)?);
    let kept = std::fs::read_to_string(KEPT)?;
    if found != kept {
        std::fs::write(FOUND, &found)?;
    }
    for (number, (found, kept)) in found.lines().zip(kept.lines()).enumerate() {
        assert_eq!(found, kept, "line {}: compare {FOUND}", number + 1);
    }
    assert_eq!(found.len(), kept.len());
    Ok(())
}

#[tokio::test]
async fn every_reference_in_the_description_leads_somewhere() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let document = service.client.get("/openapi.json").await?.json;
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 10, "{references:?}");
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let text = document.to_string();
    assert!(!text.contains("password_hash"), "{text}");
    Ok(())
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(
                members
                    .get("$ref")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            );
            members
                .values()
                .for_each(|inner| collect(inner, references));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, references)),
        _ => {}
    }
}

#[tokio::test]
async fn the_documentation_names_every_route_and_needs_nothing_from_elsewhere() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let document = service.client.get("/openapi.json").await?.json;
    let answer = service.client.get("/docs").await?;
    let page = answer.json.as_str().unwrap_or_default();
    let paths = document["paths"]
        .as_object()
        .into_iter()
        .flat_map(Map::keys);
    for path in paths {
        assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
    }
    for foreign in ["http:", "https:", "<script", "src="] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(
        answer
            .header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    let style = service.client.get("/style.css").await?;
    assert!(style.header("content-type").starts_with("text/css"));
    assert!(!style.json.as_str().unwrap_or_default().contains("url("));
    Ok(())
}

#[tokio::test]
async fn the_status_page_says_how_it_is_even_while_the_platform_stands_aside() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let descriptor = DescriptorFile::of(&place)?;
    let service = Service::following(&descriptor).await?;
    let shown = async || {
        let answer = service.client.get("/").await?;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), "no-store");
        Ok::<_, anyhow::Error>(answer.json.as_str().unwrap_or_default().to_owned())
    };
    let page = shown().await?;
    assert!(page.contains("Everything works"), "{page}");
    assert!(page.contains("href=\"/docs\""), "{page}");
    descriptor.write(&place, 2, "maintenance")?;
    eventually("the page tells of the maintenance", || async {
        let page = shown().await.ok()?;
        page.contains("Not everything is as usual").then_some(())
    })
    .await?;
    // What a stranger need not know is not on it.
    assert!(!page.contains(&place.lineage_id.to_string()));
    Ok(())
}
