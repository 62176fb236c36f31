//! Charts of a figure over days: bars, or a line on an area. The axis begins at nought, the last day is marked and named.

use super::canvas::{Align, Area, Canvas, Style};
use super::palette::{ACCENT, ACCENT_MIDDLE, ACCENT_PALE, LINE, QUIET, TEXT};
use super::typeface::Weight;
use crate::database::Day;
use crate::reports::contents::{Series, Shape};
use crate::reports::number::Unit;

const LABEL: Style = Style::new(7.5, Weight::Regular, QUIET);
/// Room for the numbers of the axis.
const AXIS: f32 = 34.0;
const STEPS: u8 = 3;

pub fn draw(canvas: &mut Canvas<'_, '_>, area: Area, series: &Series) {
    let title = Style::new(9.5, Weight::Bold, TEXT);
    canvas.text_within((area.x, area.y + 9.0), area.width, title, series.name);
    let plot = Area::new(
        area.x + AXIS,
        area.y + 26.0,
        area.width - AXIS,
        area.height - 44.0,
    );
    let highest = series.points.iter().filter_map(|(_, value)| *value);
    let Some(highest) = highest.reduce(f64::max) else {
        return nothing(canvas, plot);
    };
    let top = round_up(highest, series.unit);
    axis(canvas, plot, top, series);
    days(canvas, plot, series);
    match series.shape {
        Shape::Bars => bars(canvas, plot, top, series),
        Shape::Line => line(canvas, plot, top, series),
    }
}

fn nothing(canvas: &mut Canvas<'_, '_>, plot: Area) {
    canvas.line(
        &[(plot.x, plot.bottom()), (plot.right(), plot.bottom())],
        0.75,
        LINE,
    );
    let place = (plot.x + plot.width / 2.0, plot.y + plot.height / 2.0);
    canvas.text(place, LABEL.aligned(Align::Centre), "No figures yet");
}

/// The least number not below that three steps lead to without a remainder. People are counted in whole ones.
fn round_up(value: f64, unit: Unit) -> f64 {
    let least = if unit == Unit::Count { 3.0 } else { 0.003 };
    let value = value.max(least);
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.2, 1.5, 1.8, 2.4, 3.0, 4.5, 6.0, 7.5, 9.0, 12.0];
    let whole = |top: f64| unit != Unit::Count || (top % 3.0).abs() < 1e-6;
    let tops = steps.iter().map(|step| step * power);
    let fits = tops
        .into_iter()
        .find(|top| *top >= value * 0.9999 && whole(*top));
    fits.unwrap_or(power * 12.0)
}

fn axis(canvas: &mut Canvas<'_, '_>, plot: Area, top: f64, series: &Series) {
    for step in 0..=STEPS {
        let part = f32::from(step) / f32::from(STEPS);
        let y = plot.bottom() - plot.height * part;
        canvas.line(&[(plot.x, y), (plot.right(), y)], 0.6, LINE);
        let value = series.unit.axis(top * f64::from(step) / f64::from(STEPS));
        let style = LABEL.aligned(Align::Right);
        canvas.text((plot.x - 6.0, y + 2.6), style, &value);
    }
}

/// The first and the last one, and where there is room one between.
fn days(canvas: &mut Canvas<'_, '_>, plot: Area, series: &Series) {
    let y = plot.bottom() + 12.0;
    let named = |at: usize| series.points.get(at).map(|(day, _)| short(*day));
    let last = series.points.len().saturating_sub(1);
    let middle = last / 2;
    let ends = [
        (0, Align::Left),
        (middle, Align::Centre),
        (last, Align::Right),
    ];
    for (at, align) in ends.into_iter().take(if last < 4 { 1 } else { 3 }) {
        let x = match align {
            Align::Left => plot.x,
            Align::Centre => place(plot, series, at),
            Align::Right => plot.right(),
        };
        canvas.text((x, y), LABEL.aligned(align), &named(at).unwrap_or_default());
    }
}

fn short(day: Day) -> String {
    let date = day.date();
    let month = date.month().to_string();
    format!("{} {}", date.day(), month.get(..3).unwrap_or(&month))
}

/// The middle of a day's room.
fn place(plot: Area, series: &Series, at: usize) -> f32 {
    let room = room(plot, series);
    plot.x + room * (small(at) + 0.5)
}

fn room(plot: Area, series: &Series) -> f32 {
    plot.width / small(series.points.len().max(1))
}

/// Of things that are counted on one page.
fn small(count: usize) -> f32 {
    u16::try_from(count).map_or(f32::MAX, f32::from)
}

#[expect(clippy::cast_possible_truncation, reason = "a place on a page")]
fn height(plot: Area, top: f64, value: f64) -> f32 {
    plot.height * (value / top) as f32
}

fn bars(canvas: &mut Canvas<'_, '_>, plot: Area, top: f64, series: &Series) {
    let width = (room(plot, series) * 0.68).min(18.0);
    let last = series.points.len().saturating_sub(1);
    for (at, (_, value)) in series.points.iter().enumerate() {
        let Some(height) = value.map(|value| height(plot, top, value)) else {
            continue;
        };
        if height <= 0.0 {
            continue;
        }
        let x = place(plot, series, at) - width / 2.0;
        let area = Area::new(x, plot.bottom() - height, width, height);
        let ink = if at == last { ACCENT } else { ACCENT_MIDDLE };
        canvas.rectangle(area, 1.0, ink);
    }
}

fn line(canvas: &mut Canvas<'_, '_>, plot: Area, top: f64, series: &Series) {
    let points = series.points.iter().enumerate().map(|(at, (_, value))| {
        let y = |value| plot.bottom() - height(plot, top, value);
        value.map(|value| (place(plot, series, at), y(value)))
    });
    let points: Vec<Option<(f32, f32)>> = points.collect();
    // A day without figures parts the line.
    for run in points.split(Option::is_none) {
        let run: Vec<(f32, f32)> = run.iter().copied().flatten().collect();
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            let mut under = run.clone();
            under.push((last.0, plot.bottom()));
            under.push((first.0, plot.bottom()));
            canvas.polygon(&under, ACCENT_PALE);
            canvas.line(&run, 1.5, ACCENT);
        }
    }
    if let Some(Some((x, y))) = points.last() {
        let dot = Area::new(x - 2.8, y - 2.8, 5.6, 5.6);
        canvas.rectangle(dot, 2.8, ACCENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_number_that_can_be_parted_in_three() {
        for (value, top) in [
            (0.0, 3.0),
            (7.0, 9.0),
            (101.0, 120.0),
            (5380.0, 6000.0),
            (1_530_000.0, 1_800_000.0),
        ] {
            assert!((round_up(value, Unit::Count) - top).abs() < 1e-6, "{value}");
        }
        assert!((round_up(0.049, Unit::Ratio) - 0.06).abs() < 1e-9);
    }
}
