//! How old what a task made becomes at worst, just before it is there anew; and whether that is within what was promised.

use std::time::Duration;

use super::Task;
use super::cron::minutes;
use super::task::Promised;
use crate::environment::{Promises, ScheduleSettings, Span, Timing};

/// A run that could not begin in time begins so much later, or not at all.
pub const LATEST_START: Duration = Duration::from_secs(15 * 60);

/// A task's promise, and what its times make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Margin {
    /// What was promised.
    pub promised: Promised,
    /// What comes of it at worst.
    pub worst: Span,
    /// What is left between them; None: the promise would be broken.
    pub left: Option<Span>,
}

/// A span in days, hours and minutes: months are of no use beside a promise in days.
#[must_use]
pub fn in_words(span: Span) -> String {
    let minutes = span.0.as_secs() / 60;
    let (days, rest) = match minutes / 60 {
        hours if hours <= 48 => (0, minutes),
        hours => (hours / 24, minutes % (24 * 60)),
    };
    let parts = [(days, "d"), (rest / 60, "h"), (rest % 60, "m")];
    let told = parts.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, unit)| format!("{count}{unit}")).collect();
    told.join(" ")
}

/// The margin of a task that runs and keeps a promise.
#[must_use]
pub fn margin(task: Task, promises: &Promises, schedule: &ScheduleSettings) -> Option<Margin> {
    let promised = task.promised(promises, schedule)?;
    let worst = worst(task, schedule)?;
    let left = promised.within.0.checked_sub(worst);
    let left = left.filter(|left| !left.is_zero()).map(Span);
    let worst = Span(worst);
    Some(Margin {
        promised,
        worst,
        left,
    })
}

/// So long ago may a task have last ended well while every run of it does: beyond that one was missed.
#[must_use]
pub fn allowed(timing: &Timing) -> Duration {
    timing.at.longest_gap() + LATEST_START + timing.takes.0
}

/// None: it does not run, or has nothing to work on.
fn worst(task: Task, schedule: &ScheduleSettings) -> Option<Duration> {
    let timing = task.timing(schedule)?;
    match task {
        Task::BackupCopy => copied(timing, schedule.backup.as_ref()?),
        _ => Some(allowed(timing)),
    }
}

/// A copy is as old as the backup that was there when it began.
fn copied(copy: &Timing, backup: &Timing) -> Option<Duration> {
    let taken = backup.at.moments();
    let ready = (LATEST_START + backup.takes.0).as_secs().div_ceil(60);
    let begins = copy.at.moments();
    let ages = begins.windows(2).filter_map(|two| {
        let there = taken.partition_point(|it| it + ready <= two[0]);
        let source = taken.get(there.checked_sub(1)?)?;
        Some(two[1] - source)
    });
    ages.max()
        .map(|age| minutes(age) + LATEST_START + copy.takes.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daily(at: &str, hours: u64) -> Option<Timing> {
        let takes = Span::seconds(hours * 3600);
        Some(Timing {
            at: at.parse().unwrap(),
            takes,
        })
    }

    fn of(task: Task, schedule: &ScheduleSettings) -> Margin {
        margin(task, &Promises::default(), schedule).unwrap()
    }

    #[test]
    fn every_usual_time_is_within_its_promise() {
        let usual = ScheduleSettings::default();
        for task in Task::ALL {
            assert!(task.timing(&usual).is_some(), "{task:?}");
            let margin = margin(task, &Promises::default(), &usual);
            assert_eq!(margin.is_none(), task == Task::BackupPrune);
            assert!(margin.is_none_or(|it| it.left.is_some()), "{margin:?}");
        }
    }

    #[test]
    fn once_a_day_is_too_seldom_for_a_day_and_once_a_month_for_a_month() {
        let schedule = ScheduleSettings {
            backup: daily("15 1 * * *", 1),
            restore_drill: daily("30 7 1 * *", 4),
            ..ScheduleSettings::default()
        };
        let backup = of(Task::Backup, &schedule);
        assert_eq!(backup.worst, Span::seconds(25 * 3600 + 900));
        assert_eq!(backup.left, None);
        assert_eq!(of(Task::RestoreDrill, &schedule).left, None);
    }

    #[test]
    fn a_copy_is_as_old_as_what_it_was_made_of() {
        let schedule = ScheduleSettings {
            backup: daily("0 0,12 * * *", 1),
            copy: daily("0 2,14 * * *", 2),
            ..ScheduleSettings::default()
        };
        // Of midnight, replaced at 16:15 by that of noon.
        assert_eq!(
            of(Task::BackupCopy, &schedule).worst,
            Span::seconds(16 * 3600 + 900)
        );
        // Too early for the backup of the same night: it takes the one before.
        let schedule = ScheduleSettings {
            copy: daily("0 1,13 * * *", 2),
            ..schedule
        };
        assert_eq!(of(Task::BackupCopy, &schedule).left, None);
    }

    #[test]
    fn spans_are_told_in_the_units_of_promises() {
        for (seconds, told) in [
            (86_400, "24h"),
            (90_900, "25h 15m"),
            (31 * 86_400 + 900, "31d 15m"),
        ] {
            assert_eq!(in_words(Span::seconds(seconds)), told);
        }
    }

    #[test]
    fn without_backups_there_is_nothing_to_copy() {
        let schedule = ScheduleSettings {
            backup: None,
            ..ScheduleSettings::default()
        };
        assert_eq!(
            margin(Task::BackupCopy, &Promises::default(), &schedule),
            None
        );
    }
}
