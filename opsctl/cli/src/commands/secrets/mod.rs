//! `opsctl secrets`

mod given;
mod status;

use opsctl_core::engine::{Basis, OperationKind};
use opsctl_core::environment::Span;
use opsctl_core::ports::{SecretValue, World};
use opsctl_core::secrets::{
    Finish, Goal, Rotate, SecretKind, Seen, Standing, Wish, plan, plan_finish, standing,
};
use opsctl_core::{Failure, Result};
use serde_json::Value;

use super::drive::drive;
use crate::args::{RotateArgs, SecretsCommand};
use crate::session::Session;

/// Runs a secrets command.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, command: SecretsCommand) -> Result<u8> {
    let world = session.world_of(OperationKind::SecretsRotate).await?;
    match command {
        SecretsCommand::Status => status::run(session, &world).await,
        SecretsCommand::Init { patience } => init(session, &world, patience.within).await,
        SecretsCommand::Rotate(args) => rotate(session, &world, &args).await,
    }
}

async fn rotate(session: &Session, world: &World, args: &RotateArgs) -> Result<u8> {
    let within = args.patience.within;
    if args.secret == "all" {
        return all_due(session, world, args).await;
    }
    let kind: SecretKind = args.secret.parse()?;
    if args.finish {
        return finish(session, world, kind, within).await;
    }
    let given = args.value_from.as_deref().map(given::read).transpose()?;
    if given.is_some() && kind == SecretKind::Database {
        return Err(Failure::usage("the password of the database is made up")
            .cause("nobody has to know it"));
    }
    let wish = Wish {
        goal: if args.drill {
            Goal::Drill
        } else {
            Goal::Rotate
        },
        given: given.is_some(),
        within,
    };
    one(session, world, (kind, wish), given).await
}

async fn one(
    session: &Session,
    world: &World,
    (kind, wish): (SecretKind, Wish),
    given: Option<SecretValue>,
) -> Result<u8> {
    let seen = Seen::see(world, kind).await?;
    let plan = plan(&seen, &wish, &basis(session, OperationKind::SecretsRotate)?)?;
    let operation = Rotate::from_plan(&plan, world)?.with(given);
    drive(session, &plan, &operation, report).await
}

async fn finish(session: &Session, world: &World, kind: SecretKind, within: Span) -> Result<u8> {
    let seen = Seen::see(world, kind).await?;
    let plan = plan_finish(
        &seen,
        within,
        &basis(session, OperationKind::SecretsFinish)?,
    )?;
    let operation = Finish::from_plan(&plan, world)?;
    drive(session, &plan, &operation, report).await
}

/// One after the other: each is an operation of its own, so that one that stops keeps no other from being told apart.
async fn all_due(session: &Session, world: &World, args: &RotateArgs) -> Result<u8> {
    if args.value_from.is_some() || args.drill {
        return Err(Failure::usage("that is said of one secret, not of all"));
    }
    let (now, within) = (session.now(), args.patience.within);
    let found: Standing = standing(world).await?;
    for kind in found.to_finish(now) {
        finish(session, world, kind, within).await?;
    }
    let due = match args.finish {
        true => Vec::new(),
        false => found.due(now.plus(args.due_within.0)),
    };
    let (given, ours): (Vec<_>, Vec<_>) = due.into_iter().partition(|kind| kind.is_given());
    for kind in &ours {
        let wish = Wish {
            goal: Goal::Rotate,
            given: false,
            within,
        };
        one(session, world, (*kind, wish), None).await?;
    }
    match given.first() {
        None => {
            if ours.is_empty() {
                session.output.say("nothing is due");
            }
            Ok(0)
        }
        Some(kind) => Err(Failure::new(
            opsctl_core::FailureKind::PromiseBroken,
            format!("'{kind}' is due, and somebody else gives it"),
        )
        .left("everything else that was due is rotated")
        .hint(format!(
            "opsctl --env {} secrets rotate {kind} --value-from -",
            found.environment
        ))),
    }
}

/// What can be made up is made; the rest is told.
async fn init(session: &Session, world: &World, within: Span) -> Result<u8> {
    let store = &world.secrets()?.store;
    let mut made = Vec::new();
    for kind in store.kinds() {
        let known = store.describe(kind).await?.unwrap_or_default();
        let current = known.at(opsctl_core::ports::Stage::Current);
        if current.is_some() || (kind == SecretKind::Database && world.secrets()?.logins.is_none())
        {
            continue;
        }
        if kind.is_given() {
            session.output.say(&format!(
                "'{kind}' is given by somebody else: opsctl --env {} secrets rotate {kind} --value-from -",
                session.environment.name
            ));
            continue;
        }
        let wish = Wish {
            goal: Goal::Rotate,
            given: false,
            within,
        };
        one(session, world, (kind, wish), None).await?;
        made.push(kind);
    }
    if made.is_empty() {
        session
            .output
            .say("every secret that can be made up is there");
    }
    Ok(0)
}

fn basis(session: &Session, kind: OperationKind) -> Result<Basis<'_>> {
    Ok(Basis {
        environment: &session.environment,
        operation: session.new_operation(kind)?,
        now: session.now(),
        opsctl_version: &session.runner.opsctl_version,
    })
}

/// What a rotation, a drill or an end came to.
#[must_use]
pub fn report(result: &Value) -> String {
    let secret = result["secret"].as_str().unwrap_or_default();
    let processes = result["processes"].as_array().map_or(0, Vec::len);
    if let Some(forgotten) = result["forgotten"].as_str() {
        return format!(
            "version {forgotten} of '{secret}' is forgotten; {processes} processes follow"
        );
    }
    let seconds = |way: &str| result["drill"][way].as_f64().unwrap_or_default();
    let current = result["current"].as_str().unwrap_or_default();
    let mut text = match result["drill"].is_null() {
        true => format!("version {current} of '{secret}' is in use"),
        false => format!(
            "'{secret}' went to another version in {:.1} s and back in {:.1} s: {current} is in use",
            seconds("there_seconds"),
            seconds("back_seconds")
        ),
    };
    if let Some(login) = result["login"].as_str() {
        text.push_str(&format!(", as {login}"));
    }
    text.push_str(&format!("; {processes} processes follow"));
    if let Some(until) = result["before_needed_until"].as_str() {
        text.push_str(&format!(
            "\nthe one before is read until {until}; then: opsctl secrets rotate {secret} --finish"
        ));
    }
    text
}
