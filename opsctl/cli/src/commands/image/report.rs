//! What became of an image, as text.

use std::path::Path;

use opsctl_core::image::{Image, PACKED_GOAL, UNPACKED_GOAL};
use serde_json::{Value, json};

use super::build::Made;
use crate::args::Program;
use crate::output::units::size;
use crate::session::Session;

/// The sizes beside their goals.
pub fn sizes(program: Program, image: &Image) -> String {
    let beside = |bytes: u64, goal: u64| {
        let word = if bytes < goal {
            "goal"
        } else {
            "above the goal of"
        };
        format!("{} ({word} < {} MB)", size(bytes), goal / 1_000_000)
    };
    format!(
        "{}: {} unpacked, {} packed",
        program.name(),
        beside(image.unpacked_bytes, UNPACKED_GOAL),
        beside(image.packed_bytes, PACKED_GOAL)
    )
}

/// An image that was written, or would have been.
pub fn built(session: &Session, program: Program, made: &Made, place: &Path) {
    let digest = made.image.manifest.digest();
    let written = !session.global.dry_run;
    let document = json!({
        "program": program.name(),
        "tag": made.tag,
        "digest": digest,
        "revision": made.provenance.revision,
        "created": made.provenance.created,
        "unpacked_bytes": made.image.unpacked_bytes,
        "packed_bytes": made.image.packed_bytes,
        "within_goals": made.image.unpacked_bytes < UNPACKED_GOAL
            && made.image.packed_bytes < PACKED_GOAL,
        "sbom": made.image.sbom.digest(),
        "place": place,
        "written": written,
    });
    session.output.answer(&document, || {
        let verb = if written {
            "is in"
        } else {
            "would be written to"
        };
        format!(
            "the image {} of {} {verb} {}",
            digest,
            made.tag,
            place.display()
        )
    });
}

/// An image that was pushed or promoted.
#[must_use]
pub fn shipped(result: &Value) -> String {
    let text = |name: &str| result[name].as_str().unwrap_or("unknown").to_owned();
    let count = |name: &str| result["blobs"][name].as_u64().unwrap_or(0);
    let mut said = format!(
        "{}:{} is {}\n",
        text("repository"),
        text("tag"),
        text("digest")
    );
    let (sent, there) = (count("sent"), count("held") + count("mounted"));
    said.push_str(&match sent + there {
        0 => "nothing was sent: the image was there".to_owned(),
        _ => format!(
            "{sent} blobs were sent ({}), {there} were there",
            size(count("bytes"))
        ),
    });
    match result["before"].as_str() {
        Some(before) if before != text("digest") => {
            said.push_str(&format!("\nbefore, the tag named {before}"));
        }
        _ => {}
    }
    said
}
