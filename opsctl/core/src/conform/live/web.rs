//! Answers of the service to a client.

use std::sync::Arc;

use serde_json::Value;

use super::looked::Looked;
use crate::conform::answer::Seen;
use crate::conform::checks::{OfHttp, OfTls};
use crate::conform::pointer;
use crate::ports::{Answered, Asked, Outside};

type Way = Result<Arc<dyn Outside>, String>;

/// The part of an answer that a line speaks of.
pub async fn answer(outside: &Way, look: &OfHttp) -> Looked {
    let outside = match outside {
        Ok(outside) => outside,
        Err(reason) => return Looked::Unknown(reason.clone()),
    };
    let asked = Asked {
        method: look.method.clone(),
        path: look.path.clone(),
        headers: look.send.clone(),
        body_bytes: look.body_bytes,
    };
    match outside.ask(&asked).await {
        Ok(answered) => Looked::Seen(Seen {
            value: part(look, &answered),
            evidence: format!(
                "{} {}{}, answered {}",
                look.method,
                outside.address(),
                look.path,
                answered.status
            ),
        }),
        Err(failure) => Looked::Unknown(failure.to_string()),
    }
}

fn part(look: &OfHttp, answered: &Answered) -> Option<Value> {
    match (&look.header, &look.json) {
        (Some(header), _) => {
            let value = answered.headers.get(&header.to_lowercase());
            value.map(|value| Value::String(value.clone()))
        }
        (None, Some(place)) => {
            let body: Value = serde_json::from_str(&answered.body).ok()?;
            pointer::find(&body, place).map(|(value, _)| value.clone())
        }
        (None, None) => Some(Value::from(answered.status)),
    }
}

/// `accepted` or `refused`.
pub async fn handshake(outside: &Way, look: &OfTls) -> Looked {
    let outside = match outside {
        Ok(outside) => outside,
        Err(reason) => return Looked::Unknown(reason.clone()),
    };
    match outside.speaks(look.version).await {
        Ok(spoken) => Looked::Seen(Seen {
            value: Some(Value::from(match spoken {
                true => "accepted",
                false => "refused",
            })),
            evidence: format!(
                "a handshake of TLS {} with {}",
                look.version.as_str(),
                outside.address()
            ),
        }),
        Err(failure) => Looked::Unknown(failure.to_string()),
    }
}
