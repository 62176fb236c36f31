//! Small charts as SVG that is drawn in the page's own colours: bars, or a line on an area. No text is drawn in them, for it would
//! be stretched with them; what they show stands beside them, and in words for whoever cannot see them.

use std::fmt::Write;

use super::html::escape;

/// Of the drawing's own units; the page stretches it.
const HEIGHT: f64 = 60.0;
/// Of one point.
const ROOM: f64 = 10.0;

/// Which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bars,
    Line,
}

/// Draws the points, the newest last; none where nothing is known. `said` says in words what can be seen.
#[expect(clippy::cast_precision_loss, reason = "some dozens of points")]
pub fn draw(kind: Kind, points: &[Option<f64>], said: &str) -> String {
    let width = points.len().max(1) as f64 * ROOM;
    let highest = points.iter().flatten().fold(0.0, |a: f64, b| a.max(*b));
    let height = |value: f64| match highest > 0.0 {
        true => (HEIGHT - 4.0) * value / highest,
        false => 0.0,
    };
    let tops: Vec<Option<f64>> = points.iter().map(|value| value.map(height)).collect();
    let drawn = match kind {
        Kind::Bars => bars(&tops),
        Kind::Line => line(&tops),
    };
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">{drawn}\
         <line class=\"base\" x1=\"0\" y1=\"{HEIGHT}\" x2=\"{width}\" y2=\"{HEIGHT}\"/></svg>\n",
        escape(said)
    )
}

#[expect(clippy::cast_precision_loss, reason = "some dozens of points")]
fn bars(tops: &[Option<f64>]) -> String {
    let mut drawn = String::new();
    let last = tops.len().saturating_sub(1);
    for (at, top) in tops.iter().enumerate() {
        let Some(top) = top.filter(|top| *top > 0.0) else {
            continue;
        };
        // What is there at all is seen.
        let (x, top) = (at as f64 * ROOM + 1.5, top.max(1.0));
        let class = if at == last { "bar last" } else { "bar" };
        let (y, width) = (HEIGHT - top, ROOM - 3.0);
        let _infallible = write!(
            drawn,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y:.1}\" width=\"{width}\" height=\"{top:.1}\"/>"
        );
    }
    drawn
}

/// A point without a value parts the line.
#[expect(clippy::cast_precision_loss, reason = "some dozens of points")]
fn line(tops: &[Option<f64>]) -> String {
    let place =
        |(at, top): (usize, &Option<f64>)| top.map(|top| ((at as f64 + 0.5) * ROOM, HEIGHT - top));
    let places: Vec<Option<(f64, f64)>> = tops.iter().enumerate().map(place).collect();
    let mut drawn = String::new();
    for run in places.split(Option::is_none) {
        let mut run: Vec<(f64, f64)> = run.iter().copied().flatten().collect();
        // One day alone is a short line.
        if let [(x, y)] = run[..] {
            run = vec![(x - ROOM / 2.0, y), (x + ROOM / 2.0, y)];
        }
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let path: String = run.iter().map(|(x, y)| format!("{x},{y:.1} ")).collect();
        let _infallible = write!(
            drawn,
            "<polygon class=\"area\" points=\"{},{HEIGHT} {path}{},{HEIGHT}\"/><polyline class=\"line\" points=\"{path}\"/>",
            first.0, last.0
        );
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_seen_and_what_is_not_known_is_left_out() {
        let drawn = draw(
            Kind::Bars,
            &[Some(1000.0), None, Some(0.0), Some(1.0)],
            "a \"b\"",
        );
        assert_eq!(drawn.matches("<rect").count(), 2);
        assert!(drawn.contains("height=\"1.0\"") && drawn.contains("a &quot;b&quot;"));
        let parted = draw(Kind::Line, &[Some(1.0), Some(2.0), None, Some(3.0)], "");
        assert_eq!(parted.matches("<polyline").count(), 2);
        assert!(!draw(Kind::Line, &[], "").contains("NaN"));
    }
}
