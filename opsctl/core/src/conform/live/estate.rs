//! What AWS says of the environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::looked::Looked;
use crate::conform::answer::Seen;
use crate::conform::checks::OfAws;
use crate::conform::pointer;
use crate::ports::{Asset, Estate};

/// Asks for each thing once. Whose account it is comes first: one that lets nobody in is not asked line by line. What it refuses afterwards
/// is that thing alone.
#[derive(Default)]
pub struct Eye {
    seen: BTreeMap<Asset, Result<Option<Value>, String>>,
}

impl Eye {
    /// What stands in the field.
    pub async fn look(&mut self, estate: &Result<Arc<dyn Estate>, String>, look: &OfAws) -> Looked {
        let estate = match estate {
            Ok(estate) => estate.as_ref(),
            Err(reason) => return Looked::Unknown(reason.clone()),
        };
        match self.ask(estate, &look.asset).await {
            Err(reason) => Looked::Unknown(reason),
            Ok(None) => Looked::Seen(Seen {
                value: None,
                evidence: format!("AWS has no {} here", look.asset),
            }),
            Ok(Some(found)) => Looked::Seen(Seen {
                value: pointer::find(&found, &look.field).map(|(value, _)| value.clone()),
                evidence: told(&found, &look.asset),
            }),
        }
    }

    async fn ask(&mut self, estate: &dyn Estate, asset: &Asset) -> Result<Option<Value>, String> {
        self.asked(estate, &Asset::Account).await?;
        self.asked(estate, asset).await
    }

    async fn asked(&mut self, estate: &dyn Estate, asset: &Asset) -> Result<Option<Value>, String> {
        if let Some(known) = self.seen.get(asset) {
            return known.clone();
        }
        let found = estate.describe(asset).await;
        let found = found.map_err(|failure| format!("AWS can't be asked: {failure}"));
        self.seen.insert(asset.clone(), found.clone());
        found
    }
}

fn told(found: &Value, asset: &Asset) -> String {
    match found["arn"].as_str() {
        Some(arn) => arn.to_owned(),
        None => asset.to_string(),
    }
}
