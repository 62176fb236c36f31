//! What both pages have: head, foot, headings.

use super::canvas::{Align, Area, Canvas, Style};
use super::palette::{ACCENT, LINE, QUIET, TEXT};
use super::typeface::Weight;
use super::{HEIGHT, WIDTH};
use crate::reports::Contents;

pub const MARGIN: f32 = 46.0;
pub const INNER: f32 = WIDTH - 2.0 * MARGIN;

const SMALL: Style = Style::new(8.0, Weight::Regular, QUIET);

/// The title, with the day in words and where the figures come from.
pub fn head(canvas: &mut Canvas<'_, '_>, contents: &Contents) {
    canvas.rectangle(Area::new(0.0, 0.0, WIDTH, 6.0), 0.0, ACCENT);
    let right = WIDTH - MARGIN;
    let title = Style::new(25.0, Weight::Bold, TEXT);
    canvas.text((MARGIN, 66.0), title, "Daily report");
    let day = Style::new(11.5, Weight::Regular, QUIET);
    canvas.text((MARGIN, 85.0), day, &contents.day_in_words());
    let label = Style::new(9.0, Weight::Bold, ACCENT).aligned(Align::Right);
    let environment = contents.environment.to_uppercase();
    canvas.text_within((right, 66.0), INNER / 2.0, label, &environment);
    let made = format!("Made {}", contents.made_at);
    canvas.text((right, 85.0), SMALL.aligned(Align::Right), &made);
    canvas.line(&[(MARGIN, 100.0), (right, 100.0)], 0.75, LINE);
}

/// Says what this is a page of, and which.
pub fn foot(canvas: &mut Canvas<'_, '_>, contents: &Contents, (number, of): (usize, usize)) {
    let (right, y) = (WIDTH - MARGIN, HEIGHT - 30.0);
    canvas.line(&[(MARGIN, y - 14.0), (right, y - 14.0)], 0.75, LINE);
    let day = format!("Daily report of {}, days in UTC", contents.day);
    canvas.text((MARGIN, y), SMALL, &day);
    let page = format!("Page {number} of {of}");
    canvas.text((right, y), SMALL.aligned(Align::Right), &page);
}

/// Above a part of a page.
pub fn heading(canvas: &mut Canvas<'_, '_>, y: f32, text: &str) {
    let style = Style::new(13.0, Weight::Bold, TEXT);
    canvas.text((MARGIN, y), style, text);
}
