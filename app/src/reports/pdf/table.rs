//! A table: a name over each column, a line under each row, numbers to the right.

use super::canvas::{Align, Area, Canvas, Style};
use super::frame::{INNER, MARGIN};
use super::palette::{ACCENT_PALE, LINE, QUIET, TEXT};
use super::typeface::Weight;

const ROW: f32 = 19.0;

/// A column: its name and its part of the width.
pub type Column = (&'static str, f32);

/// Draws from `y` on; the first row is the one that the report is about. Gives back where it ends.
pub fn draw(canvas: &mut Canvas<'_, '_>, y: f32, columns: &[Column], rows: &[Vec<String>]) -> f32 {
    let name = Style::new(8.0, Weight::Regular, QUIET);
    row(canvas, y, columns, name, |at| columns[at].0.to_owned());
    let mut y = y + 8.0;
    canvas.line(&[(MARGIN, y), (MARGIN + INNER, y)], 0.9, QUIET);
    for (number, cells) in rows.iter().enumerate() {
        if number == 0 {
            let marked = Area::new(MARGIN, y + 0.5, INNER, ROW - 0.5);
            canvas.rectangle(marked, 0.0, ACCENT_PALE);
        }
        let weight = if number == 0 {
            Weight::Bold
        } else {
            Weight::Regular
        };
        let style = Style::new(8.8, weight, TEXT);
        row(canvas, y + 12.8, columns, style, |at| {
            cells.get(at).cloned().unwrap_or_default()
        });
        y += ROW;
        canvas.line(&[(MARGIN, y), (MARGIN + INNER, y)], 0.5, LINE);
    }
    y
}

fn row(
    canvas: &mut Canvas<'_, '_>,
    y: f32,
    columns: &[Column],
    style: Style,
    cell: impl Fn(usize) -> String,
) {
    let whole: f32 = columns.iter().map(|(_, part)| part).sum();
    let mut x = MARGIN;
    for (at, (_, part)) in columns.iter().enumerate() {
        let width = INNER * part / whole;
        let most = width - 8.0;
        let (place, align) = match at {
            0 => (x + 6.0, Align::Left),
            _ => (x + width - 6.0, Align::Right),
        };
        canvas.text_within((place, y), most, style.aligned(align), &cell(at));
        x += width;
    }
}
