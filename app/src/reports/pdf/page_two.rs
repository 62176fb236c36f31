//! The second page: the last days in numbers, and what each figure means.

use super::canvas::{Canvas, Style};
use super::frame::{INNER, MARGIN, head, heading};
use super::palette::{QUIET, TEXT};
use super::table::{self, Column};
use super::typeface::Weight;
use crate::reports::Contents;

const COLUMNS: [Column; 9] = [
    ("Day", 1.35),
    ("Active", 0.9),
    ("New users", 1.0),
    ("Users", 1.0),
    ("New posts", 1.0),
    ("Comments", 1.0),
    ("Requests", 1.1),
    ("Failed", 0.9),
    ("p95", 0.95),
];

const MEANINGS: [(&str, &str); 6] = [
    (
        "Active users",
        "accounts whose token was recognised on that day, or on at least one of the 30 days up to it.",
    ),
    (
        "Conversion",
        "of the accounts made in the 30 days up to that day, those that had paid by its end.",
    ),
    (
        "Retention",
        "of the accounts made 37 to 66 days before, those that were here in the last seven days, each at least 30 days after it was made.",
    ),
    (
        "Failed requests",
        "those that the service could not answer for a reason of its own (status 500 and above).",
    ),
    (
        "p95",
        "95 of 100 requests were answered within this time; taken to lie evenly within the steps in which requests are counted.",
    ),
    (
        "No value",
        "a dash stands where nothing was counted: a rate of nothing is not nought.",
    ),
];

pub fn draw(canvas: &mut Canvas<'_, '_>, contents: &Contents) {
    head(canvas, contents);
    heading(canvas, 126.0, "Day by day");
    let mut y = match contents.rows.is_empty() {
        true => {
            let note = Style::new(9.0, Weight::Regular, QUIET);
            canvas.text((MARGIN, 150.0), note, "No day has been counted yet.");
            160.0
        }
        false => table::draw(canvas, 148.0, &COLUMNS, &contents.rows),
    };
    y += 34.0;
    heading(canvas, y, "What the figures mean");
    y += 20.0;
    for (name, meaning) in MEANINGS {
        let style = Style::new(8.8, Weight::Bold, TEXT);
        canvas.text((MARGIN, y), style, name);
        let style = Style::new(8.8, Weight::Regular, QUIET);
        y = canvas.paragraph((MARGIN + 92.0, y), INNER - 92.0, style, meaning) + 4.0;
    }
}
