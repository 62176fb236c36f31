//! Where the rehearsal lies: fixed ports, so that another shell finds everything again, and the lab as its cluster where one runs.

use std::path::Path;
use std::{fs, time::Instant};

use anyhow::Result;
use testkit::lab::{Authenticator, Cable};
use testkit_aws::rehearsal::{self, Files, Furnished, NAME, Ports};

use crate::{
    checkout::Checkout,
    commands::lab::{self, TOKENS_PORT},
    terminal::say,
};

const PORTS: Ports = Ports {
    aws: 54340,
    s3: 54341,
    registry: 54342,
    staging: 54343,
    abroad: 54344,
};

/// Everything that stays until the end.
pub struct Ground {
    pub account: Furnished,
    /// How the account is found.
    pub files: Files,
    _cluster: Option<(Authenticator, Option<Cable>)>,
}

impl Ground {
    /// Starts the account, and puts it into the lab.
    pub async fn prepare(checkout: &Checkout) -> Result<Self> {
        let began = Instant::now();
        let lab = lab::running();
        let cable = lab.as_deref().filter(|lab| Cable::fits(lab));
        let cable = cable.map(|lab| Cable::lay(lab, 0)).transpose()?;
        let machine = cable.as_ref().map(|cable| cable.machine().into());
        let account = Furnished::start(PORTS, machine).await?;
        let folder = checkout.root.join(".opsctl").join(NAME);
        let files = Files::write(&folder, &account)?;
        if let Some(cable) = &cable {
            let put = || rehearsal::furnish(cable, &account);
            fs::write(
                folder.join("authority.crt"),
                tokio::task::block_in_place(put)?,
            )?;
        }
        let took = began.elapsed().as_secs_f64();
        say(&format!(
            "furnished in {took:.1} s, {}",
            told(lab.as_deref(), &cable)
        ));
        let joined = lab.map(|lab| rehearsal::join(&lab, TOKENS_PORT, &account.aws));
        Ok(Self {
            _cluster: joined.transpose()?.map(|it| (it, cable)),
            account,
            files,
        })
    }
}

fn told(lab: Option<&Path>, cable: &Option<Cable>) -> String {
    match (lab, cable) {
        (None, _) => {
            "and no lab runs, so there is no cluster: `cargo xtask lab up` before a rehearsal makes one".to_owned()
        }
        (Some(_), None) => "with a cluster in which no pod runs".to_owned(),
        (Some(_), Some(cable)) => format!("pods reach the account at {}", cable.machine()),
    }
}
