//! A command on its way, while the test does something else.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::place::Ended;

const PATIENCE: Duration = Duration::from_secs(60);

/// A running program; killed when it is dropped before its end.
pub struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    answered: String,
    stderr: BufReader<ChildStderr>,
    told: String,
}

impl Running {
    pub fn of(mut command: Command) -> Self {
        let pipes = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            stdout,
            answered: String::new(),
            stderr,
            told: String::new(),
        }
    }

    /// Reads what it tells until a line has these words.
    pub fn tells(&mut self, words: &str) {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it never told '{words}': {}", self.told);
            self.told.push_str(&line);
            if line.contains(words) {
                return;
            }
        }
    }

    /// Reads what it answers until a line has these words.
    pub fn prints(&mut self, words: &str) {
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it never said '{words}': {}", self.answered);
            self.answered.push_str(&line);
            if line.contains(words) {
                return;
            }
        }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        self.stderr.read_to_string(&mut self.told).unwrap();
        self.stdout.read_to_string(&mut self.answered).unwrap();
        Ended {
            code: self.child.wait().unwrap().code(),
            stdout: std::mem::take(&mut self.answered),
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

/// Runs a program; its end, and the most memory that it ever had, in kilobytes.
pub fn measured(mut command: Command) -> (Ended, u64) {
    let (mut out, mut err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    // Into files: whoever looks at its memory reads no pipe.
    command.stdout(out.try_clone().unwrap());
    let mut child = command.stderr(err.try_clone().unwrap()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("VmHWM:"));
        let words = line.and_then(|line| line.split_whitespace().nth(1));
        peak = words.map_or(peak, |words| words.parse().unwrap());
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::park_timeout(Duration::from_millis(2));
    };
    let read = |file: &mut File| {
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    };
    let ended = Ended {
        code: ended.code(),
        stdout: read(&mut out),
        stderr: read(&mut err),
    };
    (ended, peak)
}

/// Where a program stands still until this is dropped: the file that it made.
pub struct Gate(PathBuf);

impl Gate {
    /// A gate that no program has come to yet, and the fault that brings one there.
    pub fn new(file: PathBuf, boundary: usize) -> (Self, String) {
        let fault = format!("pause-at:{boundary}:{}", file.display());
        (Self(file), fault)
    }

    /// Waits until the program has come here.
    pub fn reached(&self) {
        let begun = Instant::now();
        while !self.0.exists() {
            assert!(begun.elapsed() < PATIENCE, "nobody came");
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.0);
    }
}
