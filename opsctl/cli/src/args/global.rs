//! The flags that every command takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use opsctl_core::environment::Span;

/// How the output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal: progress moves, finished lines stay
    Human,
    /// For a log: one line a transition
    Plain,
    /// For a program: JSON Lines, or one document
    Json,
}

/// Where a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Place {
    /// In this process
    Here,
    /// In a Job of the environment's cluster, beside a database that nobody reaches from outside
    Cluster,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal that has them
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The environment in opsctl.yaml [default: local]
    #[arg(long, global = true, value_name = "NAME")]
    pub env: Option<String>,
    /// How to write [default: human on a terminal, else plain]
    #[arg(long, global = true, value_enum)]
    pub output: Option<Format>,
    /// Also write JSON Lines into this file
    #[arg(long, global = true, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value = "auto")]
    pub color: Color,
    /// Show the plan and change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Write the plan into this file and change nothing
    #[arg(long, global = true, value_name = "FILE")]
    pub plan_out: Option<PathBuf>,
    /// Run this plan, as --plan-out wrote it, once the world is as it found it
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "plan_out")]
    pub plan: Option<PathBuf>,
    /// Answer moderate questions with yes
    #[arg(long, global = true)]
    pub yes: bool,
    /// Answer severe questions: the environment's name
    #[arg(long, global = true, value_name = "ENVIRONMENT")]
    pub confirm: Option<String>,
    /// Wait so long for somebody else's lock
    #[arg(long, global = true, value_name = "DURATION", default_value = "0s")]
    pub lock_wait: Span,
    /// Ask whoever holds the lock to stop at its next step
    #[arg(long, global = true)]
    pub supersede: bool,
    /// Stop at a step boundary after so long
    #[arg(long, global = true, value_name = "DURATION")]
    pub timeout: Option<Span>,
    /// Where the command runs
    #[arg(long, global = true, value_enum, default_value = "here")]
    pub runner: Place,
    /// The configuration [default: opsctl.yaml here or in a folder above]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The kubeconfig [default: `workloads.kubeconfig` of opsctl.yaml, then KUBECONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Say more
    #[arg(long, short, global = true)]
    pub verbose: bool,
}
