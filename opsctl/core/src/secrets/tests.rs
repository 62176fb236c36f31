//! What a rotation plans, by what is found.

use std::time::Duration;

use super::*;
use crate::clock::Timestamp;
use crate::engine::{Basis, Plan, When};
use crate::environment::{Configuration, Environment, Span};
use crate::failure::FailureKind;
use crate::names::{EnvironmentName, OperationId};
use crate::ports::{SecretFacts, Stage, VersionFacts, VersionId};

fn environment() -> Environment {
    let document = serde_json::json!({
        "version": 1, "environments": { "local": { "database": { "engine": "sqlite" } } }
    });
    let configuration: Configuration = serde_json::from_value(document).unwrap();
    let local = EnvironmentName::new("local").unwrap();
    configuration.environment(&local).unwrap()
}

fn noon() -> Timestamp {
    Timestamp::parse("2026-11-23T12:00:00Z").unwrap()
}

fn version(id: &str, stage: Stage, login: Option<&str>) -> VersionFacts {
    VersionFacts {
        id: VersionId(id.into()),
        created_at: noon().minus(Duration::from_secs(86_400)),
        stages: vec![stage],
        login: login.map(ToOwned::to_owned),
        whole: true,
    }
}

fn seen(kind: SecretKind, versions: Vec<VersionFacts>) -> Seen {
    let logins = LoginsSeen {
        pair: ["app_login".into(), "app_login_b".into()],
        lacking: Vec::new(),
    };
    Seen {
        kind,
        facts: SecretFacts {
            versions,
            rotated_by: None,
        },
        logins: (kind == SecretKind::Database).then_some(logins),
        retiring: None,
        token_lifetime: Some(Duration::from_secs(7200)),
    }
}

fn database() -> Seen {
    seen(
        SecretKind::Database,
        vec![version("a", Stage::Current, Some("app_login"))],
    )
}

fn jwt() -> Seen {
    seen(SecretKind::Jwt, vec![version("a", Stage::Current, None)])
}

const ROTATE: Wish = Wish {
    goal: Goal::Rotate,
    given: false,
    within: Span::seconds(120),
};

fn planned(seen: &Seen, wish: &Wish) -> crate::failure::Result<Plan> {
    let environment = environment();
    let basis = Basis {
        environment: &environment,
        operation: OperationId::new("secrets-rotate-1").unwrap(),
        now: noon(),
        opsctl_version: "0.1.0",
    };
    plan(seen, wish, &basis)
}

fn steps(plan: &Plan, when: When) -> Vec<&str> {
    let all = plan.actions.iter().filter(|action| action.when == when);
    all.map(|action| action.step.as_str()).collect()
}

fn inputs(plan: &Plan) -> RotateInputs {
    plan.inputs().unwrap()
}

#[test]
fn the_idle_login_is_made_ready_before_anybody_is_moved() {
    let plan = planned(&database(), &ROTATE).unwrap();
    let expected = [
        "pending", "idle", "password", "log-in", "move", "tell", "follow", "tidy",
    ];
    assert_eq!(steps(&plan, When::Success), expected);
    assert_eq!(steps(&plan, When::Failure), ["take-back"]);
    assert_eq!(plan.point_of_no_return.as_ref().unwrap().as_str(), "move");
    let logins = inputs(&plan).logins.unwrap();
    assert_eq!(
        (logins.from.as_str(), logins.to.as_str()),
        ("app_login", "app_login_b")
    );
}

#[test]
fn the_next_rotation_goes_the_other_way() {
    let now = vec![version("b", Stage::Current, Some("app_login_b"))];
    let plan = planned(&seen(SecretKind::Database, now), &ROTATE).unwrap();
    assert_eq!(inputs(&plan).logins.unwrap().to, "app_login");
}

#[test]
fn logins_that_are_not_alike_are_made_so_first() {
    let mut found = database();
    found.logins.as_mut().unwrap().lacking = vec!["app_login_b is not there".into()];
    let plan = planned(&found, &ROTATE).unwrap();
    assert_eq!(steps(&plan, When::Success)[0], "prepare-logins");
}

#[test]
fn a_key_is_read_by_all_before_it_signs_and_read_for_a_while_after_it_did() {
    let plan = planned(&jwt(), &ROTATE).unwrap();
    let expected = [
        "pending",
        "tell-next",
        "follow-next",
        "move",
        "tell",
        "follow",
        "retire",
        "tidy",
    ];
    assert_eq!(steps(&plan, When::Success), expected);
    assert_eq!(steps(&plan, When::Failure), ["take-back", "tell-again"]);
    // A process said two hours, opsctl.yaml one; and clocks differ by a minute.
    assert_eq!(inputs(&plan).overlap, Some(Span::seconds(7260)));
}

#[test]
fn a_first_version_has_nobody_to_wait_for() {
    let plan = planned(&seen(SecretKind::ApiKey, Vec::new()), &ROTATE).unwrap();
    let expected = ["pending", "move", "tell", "follow", "tidy"];
    assert_eq!(steps(&plan, When::Success), expected);
    assert_eq!(inputs(&plan).before, None);
}

#[test]
fn a_drill_goes_back() {
    let wish = Wish {
        goal: Goal::Drill,
        ..ROTATE
    };
    let plan = planned(&database(), &wish).unwrap();
    let all = steps(&plan, When::Success);
    assert_eq!(
        all[all.len() - 4..],
        ["move-back", "tell-back", "follow-back", "tidy"]
    );
    let refused = planned(&seen(SecretKind::ApiKey, Vec::new()), &wish).unwrap_err();
    assert!(refused.hints[0].contains("secrets init"), "{refused}");
}

#[test]
fn what_a_run_left_pending_is_used_when_it_is_for_the_idle_login_and_dropped_when_not() {
    for (login, whole, origin) in [
        ("app_login_b", true, Origin::Pending),
        ("app_login", true, Origin::MadeUp),
        ("app_login_b", false, Origin::MadeUp),
    ] {
        let mut found = database();
        let mut pending = version("p", Stage::Pending, Some(login));
        pending.whole = whole;
        found.facts.versions.push(pending);
        let plan = planned(&found, &ROTATE).unwrap();
        let inputs = inputs(&plan);
        assert_eq!(inputs.origin, origin, "{login} {whole}");
        assert_eq!(inputs.version.0 == "p", origin == Origin::Pending);
        assert_eq!(
            steps(&plan, When::Success)[0] == "clear-pending",
            origin == Origin::MadeUp
        );
    }
}

#[test]
fn a_key_before_that_is_still_needed_is_not_pushed_out() {
    let mut found = jwt();
    found
        .facts
        .versions
        .push(version("z", Stage::Previous, None));
    let retiring = |minutes: u64| Retiring {
        version: VersionId("z".into()),
        needed_until: noon().plus(Duration::from_secs(minutes * 60)),
    };
    found.retiring = Some(retiring(5));
    let refused = planned(&found, &ROTATE).unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert!(
        refused.hints[0].ends_with("rotate jwt --finish"),
        "{refused}"
    );
    found.retiring = Some(retiring(0));
    assert!(planned(&found, &ROTATE).is_ok());
}

#[test]
fn what_somebody_else_gives_or_rotates_is_not_made_up() {
    let address = seen(SecretKind::Smtp, vec![version("a", Stage::Current, None)]);
    assert_eq!(
        planned(&address, &ROTATE).unwrap_err().kind,
        FailureKind::Usage
    );
    let given = Wish {
        given: true,
        ..ROTATE
    };
    assert_eq!(
        inputs(&planned(&address, &given).unwrap()).origin,
        Origin::Given
    );
    let mut managed = database();
    managed.facts.rotated_by = Some("rds".into());
    assert_eq!(
        planned(&managed, &ROTATE).unwrap_err().kind,
        FailureKind::Refused
    );
}

#[test]
fn the_database_is_locked_with_its_credentials_and_nothing_else_is_with_a_key() {
    let locks = |seen: &Seen| {
        let plan = planned(seen, &ROTATE).unwrap();
        let names = plan.resources.iter().map(ToString::to_string);
        names.collect::<Vec<String>>()
    };
    assert_eq!(locks(&database()), ["database", "secrets"]);
    assert_eq!(locks(&jwt()), ["secrets"]);
}
