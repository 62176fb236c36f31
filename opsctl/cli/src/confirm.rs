//! Asking a human at a terminal.

use std::io::{BufRead, IsTerminal, Write};

use async_trait::async_trait;
use opsctl_core::guard::{Confirmation, Question};

use crate::config;

/// Whoever sits at the terminal; in a pipeline that is nobody.
pub struct Terminal;

#[async_trait]
impl Confirmation for Terminal {
    async fn ask(&self, question: &Question) -> Option<String> {
        let somebody = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !somebody || config::read("CI").is_some() {
            return None;
        }
        let text = match question {
            Question::Proceed => "Go on? [y/N] ".to_owned(),
            Question::TypeName(name) => format!("Type the environment's name, {name}, to go on: "),
        };
        tokio::task::spawn_blocking(move || read_line(&text))
            .await
            .ok()
            .flatten()
    }
}

fn read_line(text: &str) -> Option<String> {
    let mut error = std::io::stderr();
    write!(error, "{text}").and_then(|()| error.flush()).ok()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned())
}
