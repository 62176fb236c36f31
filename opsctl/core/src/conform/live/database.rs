//! Settings of the database that the environment runs on.

use std::time::Duration;

use serde_json::Value;

use super::looked::Looked;
use crate::conform::answer::Seen;
use crate::conform::checks::OfDatabase;
use crate::failure::{Failure, Result};
use crate::ports::{Engine, Reading, Settings, World};

/// Reading settings is a matter of milliseconds.
const LIMIT: Duration = Duration::from_secs(30);

/// Reads all settings at the first question.
#[derive(Default)]
pub struct Eye(Option<std::result::Result<Settings, String>>);

impl Eye {
    /// The value of a setting.
    pub async fn look(&mut self, world: &World, look: &OfDatabase) -> Looked {
        if self.0.is_none() {
            let read = read(world).await;
            self.0 =
                Some(read.map_err(|failure| format!("the database can't be asked: {failure}")));
        }
        match self.0.as_ref() {
            Some(Ok(settings)) => {
                let value = settings.get(&format!("setting {}", look.name));
                Looked::Seen(Seen {
                    value: value.map(|value| Value::String(value.clone())),
                    evidence: format!("SHOW {} of the live database", look.name),
                })
            }
            Some(Err(reason)) => Looked::Unknown(reason.clone()),
            None => Looked::Unknown("the settings were not read".into()),
        }
    }
}

async fn read(world: &World) -> Result<Settings> {
    let descriptor = world.pointer.read().await?;
    let descriptor =
        descriptor.ok_or_else(|| Failure::failed("this environment has no database yet"))?;
    if descriptor.location.engine == Engine::Sqlite {
        return Err(Failure::failed(
            "SQLite has no settings that the specification speaks of",
        ));
    }
    let location = world.pointer.administrator(&descriptor).await?;
    let reading = Reading::Live { limit: LIMIT };
    let mut session = world.inspector.open(&location, reading).await?;
    let settings = session.settings().await;
    session.close().await;
    settings
}
