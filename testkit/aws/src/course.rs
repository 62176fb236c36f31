//! The states that lie before something, in order: each lasts its time, and as long as the real work behind it takes.
//!
//! `E` says what happens at the end of a state, `P` is what the work in it brings about.

use std::{collections::VecDeque, thread::JoinHandle, time::Duration};

use anyhow::Result;

use crate::clock::Moment;

type Job<P> = Box<dyn FnOnce() -> Result<P> + Send>;

enum Work<P> {
    Waiting(Job<P>),
    Running(JoinHandle<Result<P>>),
}

/// One state on the way; `E` says what happens at its end.
pub(crate) struct Phase<E, P> {
    status: &'static str,
    lasts: Duration,
    work: Option<Work<P>>,
    end: E,
}

impl<E, P: Default + Send + 'static> Phase<E, P> {
    pub fn new(status: &'static str, lasts: Duration, end: E) -> Self {
        Self {
            status,
            lasts,
            work: None,
            end,
        }
    }

    /// What is really done meanwhile; it begins with the state.
    pub fn doing(self, job: impl FnOnce() -> Result<P> + Send + 'static) -> Self {
        Self {
            work: Some(Work::Waiting(Box::new(job))),
            ..self
        }
    }
}

pub(crate) struct Course<E, P> {
    queue: VecDeque<Phase<E, P>>,
    began: Moment,
}

impl<E, P: Default + Send + 'static> Course<E, P> {
    pub fn new(now: Moment) -> Self {
        Self {
            queue: VecDeque::new(),
            began: now,
        }
    }

    /// Adds a state at the end; the first one begins at once.
    pub fn then(&mut self, now: Moment, phase: Phase<E, P>) {
        if self.queue.is_empty() {
            self.began = now;
        }
        self.queue.push_back(phase);
        self.start();
    }

    /// The state now, if there is one on the way.
    pub fn status(&self) -> Option<&'static str> {
        self.queue.front().map(|phase| phase.status)
    }

    /// How much of the present state's time is over, in percent.
    pub fn percent(&self, now: Moment) -> u8 {
        let Some(phase) = self.queue.front() else {
            return 100;
        };
        let elapsed = (now - self.began).whole_milliseconds();
        let whole = i128::try_from(phase.lasts.as_millis()).unwrap_or(i128::MAX);
        let percent = elapsed * 100 / whole.max(1);
        u8::try_from(percent.clamp(0, 99)).unwrap_or(99)
    }

    /// Gives every state on the way the same name.
    pub fn call_all(&mut self, status: &'static str) {
        for phase in &mut self.queue {
            phase.status = status;
        }
    }

    /// Ends the present state if its time is over and its work done.
    pub fn step(&mut self, now: Moment) -> Option<(E, Result<P>)> {
        let phase = self.queue.front()?;
        let working = matches!(&phase.work, Some(Work::Running(thread)) if !thread.is_finished());
        if self.began + phase.lasts > now || working {
            return None;
        }
        let phase = self.queue.pop_front()?;
        let product = match phase.work {
            Some(Work::Running(thread)) => thread
                .join()
                .unwrap_or_else(|_| Err(anyhow::anyhow!("the work panicked"))),
            _ => Ok(P::default()),
        };
        // The next begins where this one's time was over: a clock that jumped far has passed both.
        self.began += phase.lasts;
        self.start();
        Some((phase.end, product))
    }

    /// Forgets what lies ahead.
    pub fn cut(&mut self) {
        self.queue.clear();
    }

    fn start(&mut self) {
        let Some(phase) = self.queue.front_mut() else {
            return;
        };
        phase.work = match phase.work.take() {
            Some(Work::Waiting(job)) => Some(Work::Running(std::thread::spawn(job))),
            other => other,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    #[test]
    fn states_come_in_order_and_each_lasts_its_time() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let minute = Duration::from_secs(60);
        let mut course = Course::<_, ()>::new(start);
        course.then(start, Phase::new("creating", minute, 1));
        course.then(start, Phase::new("backing-up", minute, 2));
        assert!(course.step(start + minute / 2).is_none());
        assert_eq!(course.percent(start + minute / 2), 50);
        assert_eq!(course.step(start + minute).map(|(end, _)| end), Some(1));
        assert_eq!(course.status(), Some("backing-up"));
        assert!(course.step(start + minute).is_none());
        assert_eq!(course.step(start + minute * 2).map(|(end, _)| end), Some(2));
        assert_eq!(course.status(), None);
    }

    #[test]
    fn a_state_does_not_end_before_its_work() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let mut course = Course::<_, ()>::new(start);
        let phase = Phase::new("creating", Duration::ZERO, ()).doing(move || {
            wait.recv()?;
            Ok(())
        });
        course.then(start, phase);
        assert!(course.step(start + Duration::from_secs(9)).is_none());
        go.send(()).unwrap();
        while course.step(start).is_none() {
            std::thread::yield_now();
        }
    }
}
