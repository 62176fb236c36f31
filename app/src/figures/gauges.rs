//! The business figures for Prometheus, as of the last count. Every process that counts shows the same ones.

use metrics::gauge;

use super::DayFigures;

/// Sets them. A rate of nothing is not shown.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub fn show(figures: &DayFigures) {
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
