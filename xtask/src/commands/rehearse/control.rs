//! What is typed while a rehearsal runs: whoever leads a game day makes things go wrong, and right again.

use std::time::Duration;

use anyhow::Result;
use testkit_aws::{Aws, Fault, Rule, Times};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

use crate::terminal::say;

const HELP: &str = "lose <region>      nobody answers there any more: AWS, its databases and caches
throttle <percent> so many of a hundred calls are turned away: too many requests
lost <action>      the next call of that action is done, and its answer lost: lost CreateDBSnapshot
fail <action> <code>  the next call of that action is refused with that code
well               everything works again
ahead <minutes>    AWS's clock goes so far ahead
calls              the last calls";
/// How many calls are shown.
const SHOWN: usize = 15;

/// One thing that can be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Lose(String),
    Throttle(u8),
    Lost(String),
    Fail(String, String),
    Well,
    Ahead(Duration),
    Calls,
    Help,
}

/// Whoever leads.
pub struct Control<'a> {
    aws: &'a Aws,
}

impl<'a> Control<'a> {
    pub fn of(aws: &'a Aws) -> Self {
        Self { aws }
    }

    /// Does what is typed until Ctrl-C; without a terminal it only waits.
    pub async fn until_the_end(self) -> Result<()> {
        let mut end = signal(SignalKind::terminate())?;
        let mut lines = typed();
        let mut listening = true;
        loop {
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => return Ok(interrupted?),
                _ = end.recv() => return Ok(()),
                line = lines.recv(), if listening => match line {
                    Some(line) => self.take(&line),
                    None => listening = false,
                },
            }
        }
    }

    fn take(&self, line: &str) {
        match Word::read(line) {
            Some(word) => say(&self.done(word)),
            None if line.trim().is_empty() => {}
            None => say(&format!("'{}' is not understood\n{HELP}", line.trim())),
        }
    }

    fn done(&self, word: Word) -> String {
        let faults = self.aws.faults();
        match word {
            Word::Lose(region) => {
                let told = format!("{region} is lost");
                faults.add(Rule::new(Fault::BlackHole, Times::Always).region(&region));
                told
            }
            Word::Throttle(percent) => {
                faults.add(Rule::new(Fault::Throttled, Times::Percent(percent, 1)));
                format!("{percent} of a hundred calls are turned away")
            }
            Word::Lost(action) => {
                faults.add(Rule::new(Fault::LostAnswer, Times::Next(1)).action(&action));
                format!("the next answer to {action} is lost")
            }
            Word::Fail(action, code) => {
                let told = format!("the next {action} is refused: {code}");
                // Kept for the rest of the rehearsal, which is not long.
                let code: &'static str = code.leak();
                let fault = Fault::Refused(code, "planted by whoever leads the rehearsal");
                faults.add(Rule::new(fault, Times::Next(1)).action(&action));
                told
            }
            Word::Well => {
                faults.clear();
                "everything works again".to_owned()
            }
            Word::Ahead(by) => {
                self.aws.clock().advance(by);
                format!("AWS's clock says {}", self.aws.clock().now())
            }
            Word::Calls => self.calls(),
            Word::Help => HELP.to_owned(),
        }
    }

    fn calls(&self) -> String {
        let calls = self.aws.calls();
        let last = calls.iter().rev().take(SHOWN).rev();
        let lines = last.map(|call| {
            let outcome = call.outcome.as_deref().unwrap_or("done");
            format!(
                "{} {:?} {} {outcome}",
                call.region, call.service, call.action
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Lines of the terminal, read by a thread that nobody has to wait for at the end.
fn typed() -> mpsc::UnboundedReceiver<String> {
    let (told, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if told.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

impl Word {
    fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        Some(match *words {
            ["lose", region] => Self::Lose(region.to_owned()),
            ["throttle", percent] => Self::Throttle(percent.parse().ok().filter(|it| *it <= 100)?),
            ["lost", action] => Self::Lost(action.to_owned()),
            ["fail", action, code] => Self::Fail(action.to_owned(), code.to_owned()),
            ["well"] => Self::Well,
            ["ahead", minutes] => {
                let minutes: u32 = minutes.parse().ok()?;
                Self::Ahead(Duration::from_secs(u64::from(minutes) * 60))
            }
            ["calls"] => Self::Calls,
            ["help"] => Self::Help,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_understood_or_not_done() {
        let lose = Word::Lose("eu-central-1".into());
        assert_eq!(Word::read(" lose  eu-central-1 "), Some(lose));
        assert_eq!(Word::read("throttle 50"), Some(Word::Throttle(50)));
        let hour = Duration::from_secs(3600);
        assert_eq!(Word::read("ahead 60"), Some(Word::Ahead(hour)));
        for wrong in ["", "lose", "throttle 101", "ahead -1", "well well", "burn"] {
            assert_eq!(Word::read(wrong), None, "{wrong}");
        }
    }
}
