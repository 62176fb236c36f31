//! A program that runs while the test goes on, and the gate at which it stands still until the test lets it go.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::place::Ended;

const PATIENCE: Duration = Duration::from_secs(60);

/// A running program; killed when it is dropped before its end.
pub struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    told: String,
}

impl Running {
    pub fn of(mut command: Command) -> Self {
        let pipes = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            stderr,
            told: String::new(),
        }
    }

    /// Reads what it tells until a line has these words; the line.
    pub fn tells(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it never told '{words}': {}", self.told);
            self.told.push_str(&line);
            if line.contains(words) {
                return line;
            }
        }
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        self.stderr.read_to_string(&mut self.told).unwrap();
        let mut stdout = String::new();
        let mut pipe = self.child.stdout.take().unwrap();
        pipe.read_to_string(&mut stdout).unwrap();
        Ended {
            code: self.child.wait().unwrap().code(),
            stdout,
            stderr: std::mem::take(&mut self.told),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Where a program stands still until this is dropped: the file that it made.
pub struct Gate(PathBuf);

impl Gate {
    /// A gate that no program has come to yet, and the fault that brings one there.
    pub fn new(folder: &Path, boundary: usize) -> (Self, String) {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("gate-{number}"));
        let fault = format!("pause-at:{boundary}:{}", path.display());
        (Self(path), fault)
    }

    /// Waits until the program has come here; the boundary's name.
    pub fn reached(&self, running: &mut Running) -> String {
        let begun = Instant::now();
        loop {
            match std::fs::read_to_string(&self.0) {
                Ok(boundary) if !boundary.is_empty() => return boundary,
                _ => assert!(begun.elapsed() < PATIENCE, "nobody came"),
            }
            if running.child.try_wait().unwrap().is_some() {
                running.tells("(it ended before it came to the gate)");
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // A program that never came made no file.
        drop(std::fs::remove_file(&self.0));
    }
}
