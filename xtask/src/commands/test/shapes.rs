//! A second opinion on the shapes of requests: moto, which others keep, takes what opsctl asks of AWS. What it answers is not looked at:
//! its states have no time and its databases no rows, which is why the tests stand on `testkit/aws`.

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use testkit::{files::tempdir, leash::Leash, ports::free_port};

use crate::{
    checkout::Checkout,
    machine::{child, python},
};

/// Where it is said which moto, from the root of the clone.
const REQUIREMENTS: &str = "testkit/aws/moto";
/// How long a start may take on a machine that is busy with other things.
const LIMIT: Duration = Duration::from_secs(60);

/// Installs moto where it is missing.
pub fn require(checkout: &Checkout) -> Result<PathBuf> {
    let programs = python::environment("moto", &checkout.root.join(REQUIREMENTS))?;
    Ok(programs.join("moto_server"))
}

/// Asks it everything.
pub fn check(checkout: &Checkout, moto: &Path) -> Result<()> {
    // Goes with the server.
    let folder = tempdir()?.keep();
    let port = free_port()?.to_string();
    let mut server = Command::new(moto);
    server.args(["--host", "127.0.0.1", "--port", &port]);
    let server = Leash::start(&folder, &server)?;
    let address = format!("127.0.0.1:{port}");
    let began = Instant::now();
    while TcpStream::connect(&address).is_err() {
        let waits = server.is_running() && began.elapsed() < LIMIT;
        ensure!(waits, "moto does not start: {}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut asked = checkout.cargo(["run", "--quiet", "--locked", "--package", "testkit-aws"]);
    asked.args(["--example", "shapes", "--"]);
    child::run(asked.arg(format!("http://{address}")))
}
