//! STS: who somebody is, and temporary keys for a role.

use std::{sync::Arc, time::Duration};

use crate::{
    accounts::{Accounts, Holder},
    clock::{self, Clock},
    endpoint::{Action, Asked, Elements, Refusal},
};

/// What an answer needs beside the question.
#[derive(Debug)]
pub(crate) struct Sts {
    pub accounts: Arc<Accounts>,
    pub clock: Arc<Clock>,
}

const HOUR: u32 = 3600;

impl Sts {
    /// Everything that is reproduced.
    const ACTIONS: &[Action<Self, Elements>] = &[
        Action {
            name: "GetCallerIdentity",
            honours: &[],
            run: |_, asked| Ok(identity(asked)),
        },
        Action {
            name: "AssumeRole",
            honours: &["RoleArn", "RoleSessionName", "DurationSeconds"],
            run: |sts, asked| sts.assume_role(asked),
        },
    ];

    pub fn answer(mut self, asked: &Asked) -> Result<Elements, Refusal> {
        (Action::of(Self::ACTIONS, asked)?.run)(&mut self, asked)
    }

    pub fn reproduced() -> Vec<&'static str> {
        Self::ACTIONS.iter().map(|action| action.name).collect()
    }

    fn assume_role(&self, asked: &Asked) -> Result<Elements, Refusal> {
        let role = asked.parameters.required("RoleArn")?;
        let session = asked.parameters.required("RoleSessionName")?;
        let seconds = asked.parameters.number("DurationSeconds")?.unwrap_or(HOUR);
        let longest = self.accounts.longest_session(role).ok_or_else(|| {
            let who = &asked.caller.arn;
            let message = format!(
                "User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}"
            );
            Refusal::new("AccessDenied", message).with_status(403)
        })?;
        let wanted = Duration::from_secs(seconds.into());
        if seconds < 900 || wanted > longest {
            let message =
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
            return Err(Refusal::new("ValidationError", message));
        }
        let expires_at = self.clock.now() + wanted;
        let holder = self.accounts.assume(role, session, expires_at);
        Ok(assumed(&holder))
    }
}

fn identity(asked: &Asked) -> Elements {
    Elements::new()
        .text("Arn", &asked.caller.arn)
        .text("UserId", &asked.caller.user_id)
        .text("Account", &asked.caller.account)
}

fn assumed(holder: &Holder) -> Elements {
    let keys = &holder.keys;
    let credentials = Elements::new()
        .text("AccessKeyId", &keys.access_key_id)
        .text("SecretAccessKey", &keys.secret_access_key)
        .optional("SessionToken", keys.session_token.as_ref())
        .optional("Expiration", holder.expires_at.map(clock::written));
    let user = Elements::new()
        .text("AssumedRoleId", &holder.caller.user_id)
        .text("Arn", &holder.caller.arn);
    Elements::new()
        .inside("Credentials", credentials)
        .inside("AssumedRoleUser", user)
}
