//! The binary's whole body: arguments, configuration, log, service, signals, exit code. A failure to start is one line of the
//! log that names the command which helps.

use std::io::Write;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Server, StartError};
use crate::config::{Config, Findings, Invocation, LogLevel, Role, reference};
use crate::telemetry::traces::Traces;
use crate::telemetry::{self, LIFECYCLE};

const FAILED: u8 = 1;
const CONFIGURATION: u8 = 2;

/// Runs until told to stop.
pub fn run() -> ExitCode {
    let code = invoked();
    telemetry::flush();
    code
}

fn invoked() -> ExitCode {
    match Invocation::parse(std::env::args().skip(1)) {
        Ok(Invocation::Serve(role)) => serve(role),
        Ok(Invocation::Help) => print(&reference::help()),
        Ok(Invocation::Reference) => print(&reference::reference()),
        Ok(Invocation::Version) => print(concat!("app ", env!("CARGO_PKG_VERSION"), "\n")),
        Err(error) => refuse(&error.into()),
    }
}

fn serve(role: Role) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            telemetry::start(LogLevel::Info, None);
            return fail(&StartError::Prepare(error.to_string()));
        }
    };
    let config = match runtime.block_on(Config::from_process(role)) {
        Ok(config) => config,
        Err(findings) => return refuse(&findings),
    };
    let traces = runtime.block_on(async { Traces::of(&config) });
    telemetry::start(
        config.log_level,
        traces.as_ref().ok().and_then(Option::as_ref),
    );
    if let Err(error) = traces {
        return fail(&error.into());
    }
    let served = runtime.block_on(serve_until_told(config));
    telemetry::end_traces();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn serve_until_told(config: Config) -> Result<(), StartError> {
    // Listening for them first: a signal during start-up must not kill half-way.
    let mut told = Told::new().map_err(|error| StartError::Prepare(error.to_string()))?;
    let mut server = tokio::select! {
        started = Server::start(config) => started?,
        () = told.wait() => return Ok(()),
    };
    tokio::select! {
        () = told.wait() => {}
        () = server.ended() => return Err(StartError::Prepare("the listener ended".into())),
    }
    tracing::info!(target: LIFECYCLE, "stopping");
    tokio::select! {
        () = server.stop() => {}
        // Told twice: whoever it is does not want to wait.
        () = told.wait() => {}
    }
    Ok(())
}

struct Told {
    terminate: Signal,
    interrupt: Signal,
}

impl Told {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn fail(error: &StartError) -> ExitCode {
    let hint = error.hint();
    let error = error as &dyn std::error::Error;
    tracing::error!(target: LIFECYCLE, error, hint, "the service does not run");
    ExitCode::from(FAILED)
}

/// One line a finding: whoever reads the log corrects them all at once.
fn refuse(findings: &Findings) -> ExitCode {
    telemetry::start(LogLevel::Info, None);
    for error in &findings.0 {
        let hint = error.hint();
        let error = error as &dyn std::error::Error;
        tracing::error!(target: LIFECYCLE, error, hint, "the configuration cannot be used");
    }
    ExitCode::from(CONFIGURATION)
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(FAILED),
    }
}
