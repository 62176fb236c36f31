//! `cargo xtask rehearse`: an account of AWS on this machine, furnished as the environment `rehearsal` of opsctl.yaml is, for a game day.
//!
//! Everything in it is real and ends with it. Never asks AWS, and keeps no key beyond its own end.

mod control;
mod filling;
mod ground;
pub(super) mod needs;
mod speed;

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    checkout::Checkout,
    terminal::{say, tell},
};
use control::Control;
use ground::Ground;
use speed::Speed;

/// Start an AWS on this machine for the environment `rehearsal`; it stays until Ctrl-C
///
/// Databases are real PostgreSQL, the cache real Redis, S3 and the registries real ones. What is typed while it runs makes things go
/// wrong: `help` says what.
#[derive(Debug, Args)]
pub struct Rehearse {
    /// How long AWS takes for what it does, once everything is there
    #[arg(long, value_enum, default_value_t = Speed::Quick)]
    speed: Speed,
    /// Leave the database as Terraform makes it: no roles, no tables, no rows
    #[arg(long)]
    bare: bool,
}

impl Rehearse {
    /// Furnishes the account and holds it.
    pub fn run(self) -> Result<()> {
        let checkout = Checkout::find()?;
        needs::meet()?;
        let opsctl = match self.bare {
            true => None,
            false => Some(filling::build(&checkout)?),
        };
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.enable_all().build()?;
        runtime.block_on(async {
            let ground = Ground::prepare(&checkout).await?;
            if let Some(opsctl) = &opsctl {
                filling::fill(opsctl, &checkout, &ground.files).await?;
            }
            self.speed.set(&ground.account.aws);
            for line in ground.files.exports() {
                tell(&line);
            }
            say(&told(self.speed));
            let ended = Control::of(&ground.account.aws).until_the_end().await;
            ground.files.remove();
            say("the rehearsal is over: everything in it ends");
            ended.context("wait for the end")
        })
    }
}

fn told(speed: Speed) -> String {
    format!(
        "the account of the environment 'rehearsal' is there, {}.
In another shell, after those exports:
  opsctl --env rehearsal doctor
  opsctl --env rehearsal backup create
  opsctl --env rehearsal backup list
  opsctl --env rehearsal drill restore
  opsctl --env rehearsal secrets status
runbooks/rehearsal.md is the plan of a game day. Here: 'help', or Ctrl-C to end it.",
        speed.meaning()
    )
}
