//! The business figures for Prometheus, as of the last count. Every process shows the same ones.

use metrics::gauge;

use super::{DayFigures, counted};
use crate::database::{Database, Day};
use crate::http::ApiError;

/// Shows what was counted of a day, if anything was.
pub async fn of(database: &Database, day: Day) -> Result<(), ApiError> {
    let figures = counted::between(&database.read_in_any_mode()?, day, day).await?;
    figures.first().map(show).unwrap_or_default();
    Ok(())
}

/// Sets them. A rate of nothing is not shown.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn show(figures: &DayFigures) {
    gauge!("app_active_users", "window" => "day").set(figures.daily_active as f64);
    gauge!("app_active_users", "window" => "30_days").set(figures.monthly_active as f64);
    gauge!("app_users").set(figures.users_total as f64);
    gauge!("app_signups_today").set(figures.signups as f64);
    if let Some(ratio) = figures.conversion().ratio() {
        gauge!("app_conversion_ratio").set(ratio);
    }
    if let Some(ratio) = figures.retention().ratio() {
        gauge!("app_retention_30_days_ratio").set(ratio);
    }
}
