//! Lines on their way to the log. Whoever logs never waits for whoever reads: a thread of its own writes, and what does not fit
//! any more is dropped and counted.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

/// Bytes that may wait: seconds of a busy service.
const ROOM: usize = 4 * 1024 * 1024;
/// How long lines gather before they are written: waking a thread costs more than writing a line.
const GATHER: Duration = Duration::from_millis(2);
/// Lines that were lost, for whoever reads the measurements.
pub(super) const DROPPED: &str = "log_lines_dropped_total";

/// Cheap to clone; all clones are one queue.
#[derive(Debug, Clone, Default)]
pub struct Lines(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
    written: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Some were taken and are not written yet.
    writing: bool,
}

impl Lines {
    /// Writes what comes, for ever; the whole work of the thread.
    pub fn write_to(&self, mut output: impl Write) {
        let mut taken = Vec::new();
        loop {
            self.take(&mut taken);
            // Whoever reads the log is gone; nowhere is left to say so.
            let _lost = output.write_all(&taken).and_then(|()| output.flush());
            taken.clear();
        }
    }

    /// Waits for lines and takes them all.
    fn take(&self, taken: &mut Vec<u8>) {
        let mut waiting = self.lock();
        waiting.writing = false;
        self.0.written.notify_all();
        while waiting.bytes.is_empty() {
            let woken = self.0.filled.wait(waiting);
            waiting = woken.unwrap_or_else(PoisonError::into_inner);
        }
        drop(waiting);
        std::thread::sleep(GATHER);
        let mut waiting = self.lock();
        std::mem::swap(&mut waiting.bytes, taken);
        waiting.writing = true;
    }

    /// Waits until everything is written, at most for so long.
    pub fn flush(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let mut waiting = self.lock();
        while waiting.writing || !waiting.bytes.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let woken = self.0.written.wait_timeout(waiting, left);
            waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes a whole line, or drops it.
    fn push(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if waiting.bytes.len() + line.len() > ROOM {
            drop(waiting);
            metrics::counter!(DROPPED).increment(1);
            return;
        }
        let was_empty = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line);
        drop(waiting);
        if was_empty {
            self.0.filled.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        let locked = self.0.waiting.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Lines;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Blocks until it is let go, as a log that nobody reads.
    struct Stuck(mpsc::Receiver<()>, mpsc::Sender<usize>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _let_go = self.0.recv();
            let _heard = self.1.send(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_waits_for_a_log_that_is_stuck_and_it_never_grows_without_end() {
        let lines = Lines::default();
        let (let_go, held) = mpsc::channel();
        let (heard, written) = mpsc::channel();
        let writer = lines.clone();
        std::thread::spawn(move || writer.write_to(Stuck(held, heard)));
        let line = vec![b'x'; 1024 * 1024];
        for _ in 0..20 {
            lines.push(&line);
        }
        lines.flush(Duration::from_millis(10));
        assert!(lines.lock().bytes.len() <= ROOM);
        for _ in 0..2 {
            let _gone = let_go.send(());
        }
        lines.flush(Duration::from_secs(60));
        let total: usize = written.try_iter().sum();
        assert!(total >= line.len() && total <= 2 * ROOM, "{total}");
    }
}
