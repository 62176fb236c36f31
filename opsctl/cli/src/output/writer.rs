//! Where output goes, and in which form.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opsctl_core::engine::{Event, EventSink, Plan};
use opsctl_core::{Failure, Result};
use serde_json::Value;

use super::human::Lines;
use super::table::WIDTH;
use super::{failure, json};
use crate::args::{Color, Format, Global};
use crate::config;

/// The output of one command. Cheap to clone.
#[derive(Clone)]
pub struct Output {
    format: Format,
    colors: bool,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    lines: Lines,
    file: Option<File>,
    streaming: bool,
}

impl Output {
    /// The output that the flags and the terminal ask for.
    ///
    /// # Errors
    /// When the file of `--json-into` can't be written.
    pub fn new(global: &Global) -> Result<Self> {
        let terminal = std::io::stderr().is_terminal();
        let dumb = config::read("TERM").as_deref() == Some("dumb");
        let moving = terminal && !dumb && config::read("CI").is_none();
        let format = global
            .output
            .unwrap_or(if moving { Format::Human } else { Format::Plain });
        let colors = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb && config::read("NO_COLOR").is_none(),
        };
        // stdout goes through a stream of its own, which leaves colours out where they don't belong.
        match global.color {
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
            Color::Auto => {}
        }
        let file = global.json_into.as_ref().map(|path| {
            File::create(path).map_err(|error| {
                Failure::usage(format!("can't write {}", path.display())).because(error)
            })
        });
        let lines = Lines::new(colors, moving && format == Format::Human);
        let shared = Shared {
            lines,
            file: file.transpose()?,
            streaming: false,
        };
        Ok(Self {
            format,
            colors,
            shared: Arc::new(Mutex::new(shared)),
        })
    }

    /// Output without colours or progress: for failures before the flags are known.
    #[must_use]
    pub fn plain() -> Self {
        let shared = Shared {
            lines: Lines::new(false, false),
            file: None,
            streaming: false,
        };
        Self {
            format: Format::Plain,
            colors: false,
            shared: Arc::new(Mutex::new(shared)),
        }
    }

    /// How wide lines may be: a person's terminal has an end, a log has none.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        (self.format == Format::Human).then_some(WIDTH)
    }

    /// Where core sends its events.
    #[must_use]
    pub fn events(&self) -> EventSink {
        let output = self.clone();
        EventSink::new(move |event| output.event(&event))
    }

    fn event(&self, event: &Event) {
        let mut shared = self.shared();
        if self.format == Format::Json {
            shared.stream(&json::event(event));
        } else {
            shared.lines.show(event, say);
        }
        shared.keep(&json::event(event));
    }

    /// A line for people, on stderr; programs don't see it.
    pub fn say(&self, line: &str) {
        if self.format != Format::Json {
            say(line);
        }
    }

    /// A line that an opsctl elsewhere wrote, in the form that it was asked for.
    pub fn pass(&self, line: &str) {
        print(line);
    }

    /// The result of a read: one JSON document, or text. After events it is a line of their stream.
    pub fn answer(&self, document: &Value, text: impl FnOnce() -> String) {
        let mut shared = self.shared();
        match self.format {
            Format::Json if shared.streaming => shared.stream(&json::result(document)),
            Format::Json => print(&pretty(document)),
            Format::Human | Format::Plain => print(text().trim_end()),
        }
        shared.keep(&json::result(document));
    }

    /// A page for people to read: painted for a terminal, as it was written for a log.
    pub fn page(&self, document: &Value, page: &str) {
        self.answer(document, || match self.format {
            Format::Human => super::page(page),
            Format::Plain | Format::Json => page.to_owned(),
        });
    }

    /// The result of an operation: the last line of the stream, or text.
    pub fn conclude(&self, document: &Value, text: impl FnOnce() -> String) {
        let mut shared = self.shared();
        match self.format {
            Format::Json => shared.stream(&json::result(document)),
            Format::Human | Format::Plain => print(text().trim_end()),
        }
        shared.keep(&json::result(document));
    }

    /// A plan that will not run.
    pub fn plan(&self, plan: &Plan, text: impl FnOnce() -> String) {
        let document = serde_json::to_value(plan).unwrap_or_default();
        self.answer(&document, text);
    }

    /// Tells a failure and gives its exit code.
    #[must_use]
    pub fn fail(&self, failure: &Failure) -> ExitCode {
        let mut shared = self.shared();
        if self.format == Format::Json {
            shared.stream(&json::failure(failure));
        } else {
            let text = failure::render(failure, self.colors);
            say(text.trim_end());
            if config::read("GITHUB_ACTIONS").as_deref() == Some("true") {
                say(&annotation(failure));
            }
        }
        shared.keep(&json::failure(failure));
        ExitCode::from(failure.kind.exit_code())
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn stream(&mut self, line: &Value) {
        if !std::mem::replace(&mut self.streaming, true) {
            print(&json::opening().to_string());
        }
        print(&line.to_string());
    }

    /// Keeps a line in the file of `--json-into`.
    fn keep(&mut self, line: &Value) {
        if let Some(file) = &mut self.file {
            // The operation matters more than its log: a full disk does not stop a restore.
            let _ = writeln!(file, "{line}");
        }
    }
}

fn annotation(failure: &Failure) -> String {
    let escape = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let body = std::iter::once(&failure.what)
        .chain(&failure.causes)
        .map(|part| escape(part));
    format!(
        "::error title=opsctl::{}",
        body.collect::<Vec<_>>().join("%0A")
    )
}

fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default()
}

/// A reader that went away (`| head`) is no failure of the command.
fn print(text: &str) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
