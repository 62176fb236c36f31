//! Events for people: one finished line a step; on a terminal the running step moves.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use opsctl_core::engine::{Event, EventKind};

use super::style::{ERROR, FAINT, SUCCESS, WARNING, paint};

/// What the running step shows, and where finished lines go.
pub struct Lines {
    colors: bool,
    bar: Option<ProgressBar>,
    steps: usize,
}

impl Lines {
    /// Lines for a terminal that can move, or for a log.
    pub fn new(colors: bool, moving: bool) -> Self {
        let bar = moving.then(|| {
            let bar = ProgressBar::no_length();
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        Self {
            colors,
            bar,
            steps: 0,
        }
    }

    /// Renders one event.
    pub fn show(&mut self, event: &Event, mut write: impl FnMut(&str)) {
        if let Some(line) = self.line(&event.kind) {
            match &self.bar {
                Some(bar) => bar.suspend(|| write(&line)),
                None => write(&line),
            }
        }
    }

    /// A step that began moves on the spot where it can; elsewhere it is a line.
    fn begin(&self, line: String) -> Option<String> {
        let Some(bar) = &self.bar else {
            return Some(line);
        };
        bar.enable_steady_tick(Duration::from_millis(120));
        bar.set_message(line);
        None
    }

    fn line(&mut self, kind: &EventKind) -> Option<String> {
        let paint = |style, text: &str| paint(self.colors, style, text);
        match kind {
            EventKind::Planned { .. } => None,
            EventKind::Waiting { message } => Some(paint(WARNING, message)),
            EventKind::Started { resumed, steps } => {
                self.steps = *steps;
                resumed.then(|| paint(FAINT, "going on where the last run stopped"))
            }
            EventKind::StepStarted {
                step,
                number,
                summary,
            } => self.begin(format!("[{number}/{}] {step}: {summary}", self.steps)),
            EventKind::Progress {
                step,
                done,
                total,
                unit,
            } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(progress(step.as_str(), *done, *total, unit));
                }
                None
            }
            EventKind::StepFinished {
                step,
                seconds,
                adopted,
            } => {
                let how = if *adopted { " (was done already)" } else { "" };
                Some(format!(
                    "{} {step} {seconds:.2} s{how}",
                    paint(SUCCESS, "done")
                ))
            }
            EventKind::StepFailed { step, failure } => {
                Some(format!("{} {step}: {failure}", paint(ERROR, "failed")))
            }
            EventKind::Note { message } => Some(format!("  {message}")),
            EventKind::Warning { message } => {
                Some(format!("{} {message}", paint(WARNING, "warning:")))
            }
            EventKind::Finished { outcome, seconds } => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
                Some(paint(
                    FAINT,
                    &format!("{} after {seconds:.2} s", outcome.replace('_', " ")),
                ))
            }
        }
    }
}

fn progress(step: &str, done: u64, total: u64, unit: &str) -> String {
    let amount = |value: u64| match unit {
        "bytes" => indicatif::HumanBytes(value).to_string(),
        _ => indicatif::HumanCount(value).to_string(),
    };
    match total {
        0 => format!("{step}: {} {unit}", amount(done)),
        _ => format!("{step}: {} of {} {unit}", amount(done), amount(total)),
    }
}
