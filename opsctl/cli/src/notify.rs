//! Tells the channels of an environment how an operation goes. A channel that can't be told is said and stops nothing.

use std::time::Instant;

use opsctl_core::Result;
use opsctl_core::engine::{Conclusion, Event, EventKind, Plan};
use opsctl_core::environment::Webhook;
use opsctl_core::notice::Notice;
use opsctl_core::secret::Secret;
use opsctl_web::Hooks;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::config;
use crate::session::Session;

/// One operation that channels hear of.
pub struct Told<'a> {
    session: &'a Session,
    plan: &'a Plan,
    began: Instant,
    /// On their way: nobody waits for them while the operation works.
    started: JoinSet<Option<String>>,
}

impl<'a> Told<'a> {
    /// Says that it begins.
    pub fn begin(session: &'a Session, plan: &'a Plan) -> Self {
        Self {
            started: on_their_way(session, plan, &Notice::started()),
            began: Instant::now(),
            session,
            plan,
        }
    }

    /// Says how it ended.
    pub async fn end(self, answer: &Result<Conclusion>) {
        let Self {
            session,
            plan,
            began,
            started,
        } = self;
        let mut faults = started.join_all().await;
        let notice = Notice::ended(answer, began.elapsed().as_secs());
        faults.extend(on_their_way(session, plan, &notice).join_all().await);
        for message in faults.into_iter().flatten() {
            session.output.events().send(Event {
                at: session.now(),
                operation: plan.operation.clone(),
                kind: EventKind::Warning { message },
            });
        }
    }
}

fn on_their_way(session: &Session, plan: &Plan, notice: &Notice) -> JoinSet<Option<String>> {
    let mut all = JoinSet::new();
    let hooks = session.environment.settings.webhooks.iter();
    let wanted: Vec<&Webhook> = hooks
        .filter(|it| it.on.contains(&notice.moment()))
        .collect();
    if wanted.is_empty() {
        return all;
    }
    let (way, document) = (Hooks::new(), notice.document(plan, &session.runner));
    for hook in wanted {
        let (way, name, address, document) = (
            way.clone(),
            hook.to_string(),
            address(hook),
            document.clone(),
        );
        all.spawn(async move {
            let told = tell(way, address, &document).await;
            told.err().map(|why| format!("{name} was not told: {why}"))
        });
    }
    all
}

async fn tell(
    way: std::result::Result<Hooks, String>,
    address: std::result::Result<Secret<String>, String>,
    document: &Value,
) -> std::result::Result<(), String> {
    way?.tell(&address?, document).await
}

/// From the file, or from the variable that the file names.
fn address(hook: &Webhook) -> std::result::Result<Secret<String>, String> {
    match (&hook.url, &hook.url_from) {
        (Some(url), None) => Ok(url.secret()),
        (None, Some(variable)) => config::named(variable)
            .map(Secret::new)
            .ok_or_else(|| format!("{variable} is not set")),
        _ => Err("it needs one of url and url_from".into()),
    }
}

/// How a run that is told of ended, handed through.
///
/// # Errors
/// The run's own.
pub async fn through(
    session: &Session,
    plan: &Plan,
    run: impl Future<Output = Result<Conclusion>>,
) -> Result<Conclusion> {
    let told = Told::begin(session, plan);
    let answer = run.await;
    told.end(&answer).await;
    answer
}
