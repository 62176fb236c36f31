//! The simulated processes.

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Application, ProbeAnswer, ProbeRequest, ProcessReport};
use opsctl_core::{Failure, Result};

use super::Platform;

#[async_trait]
impl Application for Platform {
    async fn processes(&self) -> Result<Vec<ProcessReport>> {
        let mut content = self.content();
        content.obey();
        let reports = content.processes.iter();
        Ok(reports.map(|process| process.report.clone()).collect())
    }

    async fn probe(&self, permit: &Permit<'_>, request: &ProbeRequest) -> Result<ProbeAnswer> {
        permit.check()?;
        let content = self.content();
        let database = content
            .databases
            .get(&request.location.url)
            .ok_or_else(|| Failure::failed("nobody answers there"))?;
        let users = database.tables.get("users");
        let user = users.and_then(|users| users.get(&request.user_id.to_string()));
        let (status, body) = match user {
            Some(row) => (
                200,
                serde_json::json!({
                    "id": row.0.first(),
                    "email": row.0.get(1),
                    "first_name": null,
                    "last_name": null,
                }),
            ),
            None => (404, serde_json::Value::Null),
        };
        Ok(ProbeAnswer {
            status,
            body,
            ready_seconds: 0.0,
        })
    }
}
