//! A key metric: its name, its value, and how it moved. A move is told by an arrow and a number, and coloured where it is good or
//! bad.

use super::canvas::{Area, Canvas, Style};
use super::palette::{BAD, GOOD, GROUND, QUIET, TEXT};
use super::typeface::Weight;
use crate::reports::contents::{Direction, Metric};

pub const HEIGHT: f32 = 70.0;

pub fn draw(canvas: &mut Canvas<'_, '_>, area: Area, metric: &Metric) {
    canvas.rectangle(area, 6.0, GROUND);
    let inside = area.within(11.0);
    let name = Style::new(8.5, Weight::Regular, QUIET);
    canvas.text_within((inside.x, inside.y + 8.0), inside.width, name, metric.name);
    let size = if metric.value.len() > 8 { 14.5 } else { 19.0 };
    let value = Style::new(size, Weight::Bold, TEXT);
    let place = (inside.x, inside.y + 30.0);
    canvas.text_within(place, inside.width, value, &metric.value);
    let ink = match metric.direction() {
        Direction::Better => GOOD,
        Direction::Worse => BAD,
        Direction::Neither => QUIET,
    };
    let moved = Style::new(8.0, Weight::Regular, ink);
    let place = (inside.x, inside.y + 46.0);
    canvas.text_within(place, inside.width, moved, &metric.moved());
}
