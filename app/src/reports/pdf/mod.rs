//! The report as a PDF: A4, drawn here with a type of its own, without a browser or a template. Never decides what a figure is.

mod canvas;
mod chart;
mod frame;
mod page_one;
mod page_two;
mod palette;
mod table;
mod tile;
mod typeface;

use krilla::Document;
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;

use super::Contents;
use canvas::Canvas;
use typeface::Typefaces;

/// Points, of which 72 are an inch.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
#[error("the report cannot be drawn: {0}")]
pub struct Undrawn(String);

/// The document.
pub fn draw(contents: &Contents) -> Result<Vec<u8>, Undrawn> {
    let typefaces = Typefaces::load().ok_or_else(|| Undrawn("its type cannot be read".into()))?;
    let mut document = Document::new();
    document.set_metadata(metadata(contents));
    let pages: [fn(&mut Canvas<'_, '_>, &Contents); 2] = [page_one::draw, page_two::draw];
    for (number, page) in pages.iter().enumerate() {
        let size = PageSettings::from_wh(WIDTH, HEIGHT);
        let size = size.ok_or_else(|| Undrawn("its page has no size".into()))?;
        let mut sheet = document.start_page_with(size);
        let mut surface = sheet.surface();
        let mut canvas = Canvas::new(&mut surface, &typefaces);
        page(&mut canvas, contents);
        frame::foot(&mut canvas, contents, (number + 1, pages.len()));
        surface.finish();
        sheet.finish();
    }
    document
        .finish()
        .map_err(|error| Undrawn(format!("{error:?}")))
}

fn metadata(contents: &Contents) -> Metadata {
    let date = contents.day.date();
    let year = u16::try_from(date.year()).unwrap_or_default();
    let created = DateTime::new(year)
        .month(date.month().into())
        .day(date.day());
    Metadata::new()
        .title(format!("Daily report, {}", contents.day))
        .language("en".into())
        .creation_date(created)
}

#[cfg(test)]
#[path = "pdf_tests.rs"]
mod tests;
