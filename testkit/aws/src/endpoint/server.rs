//! The listener, and the way of a question from the wire to the service and back.
//!
//! Straight on hyper: a lost answer is a connection that ends before the first byte, which a framework's handler cannot say.

use std::{io, sync::Arc};

use http_body_util::BodyExt;
use hyper::{Request, body::Incoming as Body, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;

use super::{
    Answer, Asked, Calls, Fault, Faults, Home, Incoming, Parameters, Protocol, Refusal, Service,
    responses::{self, Reply},
    routes,
    signature::{self, Signed, Unsigned},
};
use crate::{accounts::Accounts, clock::Clock};

/// What the endpoint serves.
pub(crate) trait Handler: Send + Sync + 'static {
    fn accounts(&self) -> &Accounts;
    fn clock(&self) -> &Clock;
    fn faults(&self) -> &Faults;
    fn calls(&self) -> &Calls;
    /// Runs on a thread that may block.
    fn answer(&self, asked: &Asked) -> Result<Answer, Refusal>;
}

pub(crate) async fn serve(listener: TcpListener, handler: Arc<impl Handler>) {
    while let Ok((stream, _)) = listener.accept().await {
        let handler = Arc::clone(&handler);
        let service = service_fn(move |request| respond(request, Arc::clone(&handler)));
        // A client that hangs up ends its connection alone.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// An error here hangs up.
async fn respond(request: Request<Body>, handler: Arc<impl Handler>) -> io::Result<Reply> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?;
    let request = Incoming::of(parts, body.to_bytes());
    let signed = match signature::verify(&request, handler.accounts(), handler.clock()) {
        Ok(signed) => signed,
        Err(why) => return Ok(stranger(&request, why)),
    };
    let protocol = signed.service.protocol();
    let asked = match understood(&request, signed, handler.clock()) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(responses::refused(protocol, &refusal)),
    };
    let struck = handler.faults().strike(&asked);
    let (reply, outcome) = match turned_away(struck.as_ref(), protocol).await {
        Some(refusal) => Err(refusal),
        None => done(&handler, &asked).await,
    }
    .map_or_else(
        |refusal| (responses::refused(protocol, &refusal), Some(refusal.code)),
        |answer| (responses::answered(protocol, &asked.action, &answer), None),
    );
    match struck {
        Some(Fault::LostAnswer) => {
            handler.calls().keep(&asked, Some("lost answer".to_owned()));
            return Err(io::Error::other("hangs up"));
        }
        Some(Fault::Slow(by)) => tokio::time::sleep(by).await,
        _ => {}
    }
    handler.calls().keep(&asked, outcome);
    Ok(reply)
}

/// What a fault says before anything is done.
async fn turned_away(fault: Option<&Fault>, protocol: Protocol) -> Option<Refusal> {
    match fault? {
        Fault::Throttled => Some(responses::throttled(protocol)),
        Fault::Unavailable(status) => {
            let refusal = Refusal::new("ServiceUnavailable", "Service is unavailable");
            Some(refusal.with_status(*status))
        }
        Fault::Refused(code, message) => Some(Refusal::new(*code, *message)),
        Fault::BlackHole => std::future::pending().await,
        Fault::LostAnswer | Fault::Slow(_) => None,
    }
}

async fn done(handler: &Arc<impl Handler>, asked: &Asked) -> Result<Answer, Refusal> {
    let (handler, asked) = (Arc::clone(handler), asked.clone());
    let work = tokio::task::spawn_blocking(move || handler.answer(&asked));
    let lost = |error| Refusal::internal(&anyhow::Error::new(error));
    work.await.map_err(lost)?
}

/// The protocol of somebody whose signature names no service is guessed by what they send.
fn stranger(request: &Incoming, why: Unsigned) -> Reply {
    let kind = request.header("content-type");
    let protocol = match kind.starts_with("application/x-amz-json") {
        true => Protocol::Json,
        false => Service::Sts.protocol(),
    };
    responses::refused(protocol, &responses::turned_away(protocol, why))
}

fn understood(request: &Incoming, signed: Signed, clock: &Clock) -> Result<Asked, Refusal> {
    let (action, parameters) = match signed.service.protocol() {
        Protocol::Query { .. } | Protocol::Ec2Query { .. } => of_query(request)?,
        Protocol::Json => of_json(request)?,
        Protocol::RestJson { routes } => routes::asked(routes, request, Parameters::default())?,
        Protocol::RestXml { routes, .. } => {
            let body = Parameters::of_xml(&request.body).ok_or_else(|| {
                Refusal::new("MalformedInput", "Unexpected end of file or invalid XML")
            })?;
            routes::asked(routes, request, body)?
        }
    };
    Ok(Asked {
        service: signed.service,
        action,
        home: Home {
            account: signed.caller.account.clone(),
            region: signed.region,
        },
        caller: signed.caller,
        parameters,
        at: clock.now(),
    })
}

fn of_query(request: &Incoming) -> Result<(String, Parameters), Refusal> {
    let parameters = match request.method.as_str() {
        "POST" => Parameters::of_form(&String::from_utf8_lossy(&request.body)),
        _ => Parameters::of_form(&request.query),
    };
    let action = parameters.owned("Action");
    let missing = || {
        Refusal::new(
            "MissingAction",
            "The request must contain the parameter Action",
        )
    };
    Ok((action.ok_or_else(missing)?, parameters))
}

fn of_json(request: &Incoming) -> Result<(String, Parameters), Refusal> {
    let unread = || Refusal::new("SerializationException", "the body is not a JSON object");
    let target = request.header("x-amz-target");
    let action = target.split_once('.').map(|(_, action)| action.to_owned());
    let unknown = || Refusal::new("UnknownOperationException", format!("no target '{target}'"));
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| unread())?;
    if !body.is_object() {
        return Err(unread());
    }
    Ok((action.ok_or_else(unknown)?, Parameters::of_json(body)))
}
