//! The parts of a rotation, in their order: the plan's actions and the operation's steps are both made from this list. Pure.

use super::SecretKind;
use super::inputs::{Goal, Origin, RotateInputs};
use crate::engine::{Action, Effect, When};
use crate::names::StepName;

pub(super) const PREPARE: &str = "prepare-logins";
pub(super) const CLEAR: &str = "clear-pending";
pub(super) const PENDING: &str = "pending";
pub(super) const IDLE: &str = "idle";
pub(super) const PASSWORD: &str = "password";
pub(super) const LOG_IN: &str = "log-in";
pub(super) const ADMINISTRATOR: &str = "administrator";
pub(super) const TELL_NEXT: &str = "tell-next";
pub(super) const FOLLOW_NEXT: &str = "follow-next";
pub(super) const MOVE: &str = "move";
pub(super) const TELL: &str = "tell";
pub(super) const FOLLOW: &str = "follow";
pub(super) const MOVE_BACK: &str = "move-back";
pub(super) const TELL_BACK: &str = "tell-back";
pub(super) const FOLLOW_BACK: &str = "follow-back";
pub(super) const RETIRE: &str = "retire";
pub(super) const TIDY: &str = "tidy";
pub(super) const TAKE_BACK: &str = "take-back";
pub(super) const TELL_AGAIN: &str = "tell-again";

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Work {
    /// Both logins are there and alike.
    Prepare,
    /// Takes a stage away: `true` from the unfit version, else from the new one.
    Drop { unfit: bool },
    /// The new value is pending.
    Put,
    /// Nobody uses the login that is to be changed.
    Idle,
    /// The idle login has the new password.
    Password,
    /// It lets somebody in, who may what the other may.
    LogIn,
    /// The administrator has the new password, and can log in with it.
    Administrator,
    /// Hands over what the place for secrets holds.
    Tell,
    /// Everybody uses it; `told` is the step that handed it over, `left` the login that nobody uses then.
    Follow {
        told: &'static str,
        left: Option<String>,
    },
    /// Another version is current.
    Move { back: bool },
    /// Notes until when the version that is the one before by then is needed.
    Retire,
}

/// One step.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub step: &'static str,
    pub work: Work,
    pub effect: Effect,
    pub object: String,
    pub summary: String,
    pub when: When,
}

impl Part {
    pub fn action(&self) -> Action {
        Action {
            step: StepName::fixed(self.step),
            effect: self.effect,
            object: self.object.clone(),
            summary: self.summary.clone(),
            when: self.when,
        }
    }
}

/// All parts of a rotation.
pub(super) fn parts(inputs: &RotateInputs) -> Vec<Part> {
    let mut all = preparing(inputs);
    all.extend(checking(inputs));
    all.extend(moving(inputs));
    if inputs.goal == Goal::Drill {
        all.extend(going_back(inputs));
    }
    all.extend(ending(inputs));
    all
}

fn part(
    inputs: &RotateInputs,
    (step, work): (&'static str, Work),
    effect: Effect,
    summary: impl Into<String>,
) -> Part {
    Part {
        step,
        work,
        effect,
        object: format!("secret {}", inputs.kind),
        summary: summary.into(),
        when: When::Success,
    }
}

fn preparing(inputs: &RotateInputs) -> Vec<Part> {
    let mut all = Vec::new();
    if inputs.prepare {
        let words = "make the two logins of the application, and make them alike";
        all.push(part(
            inputs,
            (PREPARE, Work::Prepare),
            Effect::Create,
            words,
        ));
    }
    if let Some(unfit) = &inputs.unfit {
        let words = format!("drop the pending version {unfit}, which is of no use");
        all.push(part(
            inputs,
            (CLEAR, Work::Drop { unfit: true }),
            Effect::Destroy,
            words,
        ));
    }
    let version = &inputs.version;
    let (effect, words) = match inputs.origin {
        Origin::MadeUp => (
            Effect::Create,
            format!("make up version {version} and keep it, pending"),
        ),
        Origin::Given => (
            Effect::Create,
            format!("keep what was given as version {version}, pending"),
        ),
        Origin::Pending => (
            Effect::Read,
            format!("use version {version}, which is pending already"),
        ),
    };
    all.push(part(inputs, (PENDING, Work::Put), effect, words));
    all
}

fn checking(inputs: &RotateInputs) -> Vec<Part> {
    let mut all = Vec::new();
    if let Some(logins) = &inputs.logins {
        let to = &logins.to;
        let words = format!("see that nobody is logged in as {to}, and nobody is behind");
        all.push(part(inputs, (IDLE, Work::Idle), Effect::Read, words));
        let words = format!("give {to} its new password; the one before it is over");
        all.push(part(
            inputs,
            (PASSWORD, Work::Password),
            Effect::Change,
            words,
        ));
        let words = format!("log in as {to} and look what it may");
        all.push(part(inputs, (LOG_IN, Work::LogIn), Effect::Read, words));
    }
    if inputs.kind == SecretKind::Master {
        let words = format!(
            "give the administrator the new password and log in with it, {} at most; the one before is over",
            inputs.within
        );
        let step = (ADMINISTRATOR, Work::Administrator);
        all.push(part(inputs, step, Effect::Change, words));
    }
    if inputs.kind == SecretKind::Jwt && inputs.before.is_some() {
        let words = "hand the next key over: it is read, and signs nothing yet";
        all.push(part(inputs, (TELL_NEXT, Work::Tell), Effect::Change, words));
        let work = Work::Follow {
            told: TELL_NEXT,
            left: None,
        };
        let words = format!(
            "wait until every process reads it, {} at most",
            inputs.within
        );
        all.push(part(inputs, (FOLLOW_NEXT, work), Effect::Read, words));
    }
    all
}

fn moving(inputs: &RotateInputs) -> Vec<Part> {
    let version = &inputs.version;
    let words = format!("make version {version} current");
    let mut all = vec![part(
        inputs,
        (MOVE, Work::Move { back: false }),
        Effect::Change,
        words,
    )];
    let words = "hand it over to the application";
    all.push(part(inputs, (TELL, Work::Tell), Effect::Change, words));
    let left = inputs.logins.as_ref().map(|logins| logins.from.clone());
    all.push(following(inputs, FOLLOW, TELL, left));
    all
}

fn following(
    inputs: &RotateInputs,
    step: &'static str,
    told: &'static str,
    left: Option<String>,
) -> Part {
    let words = match &left {
        Some(login) => format!(
            "wait until every process uses it and nobody is logged in as {login}, {} at most",
            inputs.within
        ),
        None => format!(
            "wait until every process uses it, {} at most",
            inputs.within
        ),
    };
    part(
        inputs,
        (step, Work::Follow { told, left }),
        Effect::Read,
        words,
    )
}

fn going_back(inputs: &RotateInputs) -> Vec<Part> {
    let words = "make the version before current again";
    let mut all = vec![part(
        inputs,
        (MOVE_BACK, Work::Move { back: true }),
        Effect::Change,
        words,
    )];
    let words = "hand it over to the application";
    all.push(part(inputs, (TELL_BACK, Work::Tell), Effect::Change, words));
    let left = inputs.logins.as_ref().map(|logins| logins.to.clone());
    all.push(following(inputs, FOLLOW_BACK, TELL_BACK, left));
    all
}

fn ending(inputs: &RotateInputs) -> Vec<Part> {
    let mut all = Vec::new();
    if let Some(overlap) = inputs.overlap {
        let words = format!("note that the key before is read for {overlap} still");
        all.push(part(inputs, (RETIRE, Work::Retire), Effect::Create, words));
    }
    let words = "take the mark 'pending' away";
    all.push(part(
        inputs,
        (TIDY, Work::Drop { unfit: false }),
        Effect::Change,
        words,
    ));
    let back = |step, work, words: &str| Part {
        when: When::Failure,
        ..part(inputs, (step, work), Effect::Change, words)
    };
    let words = "drop the version that was pending";
    all.push(back(TAKE_BACK, Work::Drop { unfit: false }, words));
    if inputs.kind == SecretKind::Jwt && inputs.before.is_some() {
        all.push(back(
            TELL_AGAIN,
            Work::Tell,
            "hand over what was there before",
        ));
    }
    all
}
