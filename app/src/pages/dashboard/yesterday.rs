//! Yesterday's key metrics beside those of a week before, and thirty days of the figures behind them: the report's own words
//! and numbers, so that both say the same.

use super::now::tile;
use crate::database::Day;
use crate::pages::chart::{self, Kind};
use crate::pages::html::escape;
use crate::reports::{Contents, Direction, Metric, Series, Shape, Sources};

/// The section; none of it where the database could not be asked.
pub fn section(sources: Option<Sources>) -> String {
    let Some(contents) = sources.map(Contents::from) else {
        return "<h2>Yesterday</h2>\n<p class=\"empty card\">The database could not be asked.</p>\n".into();
    };
    let heading = format!("<h2>{}</h2>\n", escape(&contents.day_in_words()));
    let charted = contents.charts.iter().any(|chart| known(chart).count() > 0);
    if !charted && !contents.metrics.iter().any(Metric::is_known) {
        return heading
            + "<p class=\"empty card\">No figures of yesterday: each day is counted as it goes by, and this is the first.</p>\n";
    }
    let tiles: String = contents.metrics.iter().map(metric).collect();
    let charts: String = contents.charts.iter().map(chart).collect();
    format!(
        "{heading}<div class=\"tiles\">\n{tiles}</div>\n<p class=\"note\">Beside each, how it moved within a week.</p>\n\
         <h2>Thirty days</h2>\n<div class=\"charts\">\n{charts}</div>\n"
    )
}

fn metric(metric: &Metric) -> String {
    let class = match metric.direction() {
        Direction::Better => "good",
        Direction::Worse => "bad",
        Direction::Neither => "quiet",
    };
    let moved = format!("<span class=\"{class}\">{}</span>", escape(&metric.moved()));
    tile(metric.name, &escape(&metric.value), &moved)
}

fn known(series: &Series) -> impl Iterator<Item = f64> {
    series.points.iter().filter_map(|(_, value)| *value)
}

fn chart(series: &Series) -> String {
    let (Some((first, _)), Some((last, _))) = (series.points.first(), series.points.last()) else {
        return String::new();
    };
    let highest = known(series).reduce(f64::max);
    let most = highest.map_or_else(
        || "no figures yet".to_owned(),
        |highest| format!("at most {}", series.unit.said(highest)),
    );
    let kind = match series.shape {
        Shape::Bars => Kind::Bars,
        Shape::Line => Kind::Line,
    };
    let points: Vec<Option<f64>> = series.points.iter().map(|(_, value)| *value).collect();
    let said = format!("{}, {first} to {last}: {most}", series.name);
    format!(
        "<figure class=\"card\"><figcaption><b>{}</b><span class=\"quiet\">{most}</span></figcaption>\n{}\
         <div class=\"ends quiet\"><span>{}</span><span>{}</span></div></figure>\n",
        series.name,
        chart::draw(kind, &points, &said),
        short(*first),
        short(*last)
    )
}

fn short(day: Day) -> String {
    let date = day.date();
    let month = date.month().to_string();
    format!("{} {}", date.day(), month.get(..3).unwrap_or(&month))
}
