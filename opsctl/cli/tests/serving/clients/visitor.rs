//! Somebody who comes once in a while: signs up, and sees later whether the service knows them.

use std::sync::Arc;

use serde_json::json;
use tokio::runtime::Runtime;

use super::connection::{Question, Site, Way};
use crate::platform::{API, AUTH};

const PASSWORD: &str = "a password of the tests";
/// Nobody else comes from there.
const ADDRESS: &str = "203.0.255.1";

/// Asks over connections of their own.
pub struct Visitor {
    runtime: Runtime,
    api: Way,
    auth: Way,
}

impl Visitor {
    pub fn of(site: &Arc<dyn Site>) -> Self {
        Self {
            runtime: Runtime::new().unwrap(),
            api: Way::to(site, API),
            auth: Way::to(site, AUTH),
        }
    }

    /// Signs up, and says by which name.
    pub fn signs_up<'a>(&self, email: &'a str) -> &'a str {
        let body = json!({"email": email, "password": PASSWORD, "first_name": "A", "last_name": "Visitor"});
        let status = self.post(&self.api, "/api/users", &body.to_string());
        assert_eq!(status, 201, "{email}");
        email
    }

    /// Whether the service lets them in.
    pub fn knows(&self, email: &str) -> bool {
        let body = json!({"email": email, "password": PASSWORD});
        match self.post(&self.auth, "/auth/login", &body.to_string()) {
            200 => true,
            401 => false,
            other => panic!("{email}: {other}"),
        }
    }

    fn post(&self, way: &Way, path: &str, body: &str) -> u16 {
        let question = Question {
            path: path.to_owned(),
            address: ADDRESS.to_owned(),
            token: None,
            body: Some(body.to_owned()),
        };
        let asked = async { way.open().await?.ask(&question).await };
        self.runtime.block_on(asked).unwrap().status.as_u16()
    }
}
