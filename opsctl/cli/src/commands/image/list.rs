//! `opsctl image list`: what a repository holds. Changes nothing.

use opsctl_core::Result;
use opsctl_core::image::{Listed, label, list};
use serde_json::json;

use super::repository;
use crate::args::ImagePlaceArgs;
use crate::output::Table;
use crate::output::units::size;
use crate::session::Session;
use crate::world;

pub async fn run(session: &Session, place: &ImagePlaceArgs) -> Result<u8> {
    let repository = repository(session, place)?;
    let registry = world::registry(&session.loaded.configuration);
    let (listed, unreadable) = list(registry.as_ref(), &repository).await?;
    for why in &unreadable {
        session.output.say(&format!("warning: {why}"));
    }
    let document = json!({
        "repository": repository,
        "images": listed,
        "unreadable": unreadable,
    });
    session
        .output
        .answer(&document, || match listed.is_empty() {
            true => format!("{repository} holds no image"),
            false => table(&listed),
        });
    Ok(0)
}

fn table(listed: &[Listed]) -> String {
    let headings = ["tag", "digest", "size", "runs on", "created", "revision"];
    let mut table = Table::new(&headings);
    for one in listed {
        let image = &one.image;
        let platforms: Vec<String> = image.platforms.iter().map(ToString::to_string).collect();
        let revision = image.labels.get(label::REVISION);
        let short = |text: &String| text.get(..12).unwrap_or(text).to_owned();
        table.row([
            one.tag.to_string(),
            image.digest.short().to_owned(),
            size(image.size_bytes),
            platforms.join(" "),
            image.created.clone().unwrap_or_else(|| "unknown".into()),
            revision.map_or_else(|| "unknown".into(), short),
        ]);
    }
    table.render()
}
