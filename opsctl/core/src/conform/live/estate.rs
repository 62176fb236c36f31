//! What AWS says of the environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::looked::Looked;
use crate::conform::answer::Seen;
use crate::conform::checks::OfAws;
use crate::conform::pointer;
use crate::failure::FailureKind;
use crate::ports::{Asset, Estate};

/// Asks for each thing once; an account that lets nobody in is not asked line by line.
#[derive(Default)]
pub struct Eye {
    seen: BTreeMap<Asset, Result<Option<Value>, String>>,
    shut: Option<String>,
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
        if let Some(known) = self.seen.get(asset) {
            return known.clone();
        }
        if let Some(reason) = &self.shut {
            return Err(reason.clone());
        }
        let found = estate.describe(asset).await.map_err(|failure| {
            let reason = format!("AWS can't be asked: {failure}");
            if matches!(
                failure.kind,
                FailureKind::Authentication | FailureKind::Refused
            ) {
                self.shut = Some(reason.clone());
            }
            reason
        });
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
