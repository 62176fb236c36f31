//! The first page: the key metrics of the day, and how they moved in a month.

use super::canvas::{Area, Canvas, Style};
use super::frame::{INNER, MARGIN, head, heading};
use super::palette::QUIET;
use super::typeface::Weight;
use super::{chart, tile};
use crate::reports::Contents;

const ACROSS: usize = 4;
const GAP: f32 = 10.0;

pub fn draw(canvas: &mut Canvas<'_, '_>, contents: &Contents) {
    head(canvas, contents);
    heading(canvas, 126.0, "Key metrics");
    let note = Style::new(8.0, Weight::Regular, QUIET);
    let y = 139.0;
    canvas.text((MARGIN, y), note, "Each beside the same day a week before");
    let after = tiles(canvas, y + 12.0, contents);
    heading(canvas, after + 30.0, "Trend");
    charts(canvas, after + 42.0, contents);
}

fn tiles(canvas: &mut Canvas<'_, '_>, y: f32, contents: &Contents) -> f32 {
    let width = (INNER - GAP * 3.0) / 4.0;
    let mut top = y;
    for row in contents.metrics.chunks(ACROSS) {
        let mut x = MARGIN;
        for metric in row {
            tile::draw(canvas, Area::new(x, top, width, tile::HEIGHT), metric);
            x += width + GAP;
        }
        top += tile::HEIGHT + GAP;
    }
    top - GAP
}

fn charts(canvas: &mut Canvas<'_, '_>, y: f32, contents: &Contents) {
    let (width, height) = ((INNER - 24.0) / 2.0, 136.0);
    let mut top = y;
    for row in contents.charts.chunks(2) {
        let mut x = MARGIN;
        for series in row {
            chart::draw(canvas, Area::new(x, top, width, height), series);
            x += width + 24.0;
        }
        top += height + 18.0;
    }
}
