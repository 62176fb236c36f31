//! The way back after a real failover of the region, written while there is time to read it. Pure; carries nothing out.

use super::Regions;
use crate::clock::Timestamp;
use crate::names::{EnvironmentName, OperationId};

/// One step of the way back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BackStep {
    /// What is done, and why then.
    pub what: String,
    /// What to type; what stands in <> only the day knows.
    pub commands: Vec<String>,
}

fn step(what: String, commands: &[String]) -> BackStep {
    BackStep {
        what,
        commands: commands.to_vec(),
    }
}

/// The way back, in order. No database that was left may serve again before its rows were looked at: it holds what the copy lacks.
#[must_use]
pub fn fail_back(environment: &EnvironmentName, regions: &Regions) -> Vec<BackStep> {
    let Regions { home, place } = regions;
    let env = format!("opsctl --env {environment}");
    let mut steps = keep_what_was_left(home);
    steps.extend(bring_across(&env, home, place));
    steps.extend(go_back(&env, environment, home, place));
    steps
}

fn keep_what_was_left(home: &str) -> Vec<BackStep> {
    vec![
        step(
            format!("Once {home} answers: let nobody reach the database there. It holds writes that the copy lacked, and must take no new ones"),
            &[format!("aws rds modify-db-instance --region {home} --db-instance-identifier <old> --vpc-security-group-ids <drill group> --apply-immediately")],
        ),
        step(
            "Keep what only it holds, before anybody tidies up".into(),
            &[format!("aws rds create-db-snapshot --region {home} --db-instance-identifier <old> --db-snapshot-identifier <old>-left-behind")],
        ),
        step(
            "Look at the rows that were written last there, table by table, and bring back what is missed; opsctl restore rows shows each before it is written".into(),
            &["opsctl runbook restore-rows".to_owned()],
        ),
    ]
}

fn bring_across(env: &str, home: &str, place: &str) -> Vec<BackStep> {
    vec![
        step(
            format!(
                "Have the secrets of {place} in {home} again: what is in use now, and nothing older"
            ),
            &[format!(
                "aws secretsmanager put-secret-value --region {home} --secret-id <each> --secret-string <as in {place}>"
            )],
        ),
        step(
            format!(
                "Rehearse the way across: back up what serves, copy it with its tags to {home}, and restore it there for a look, with region: {home} in a copy of opsctl.yaml"
            ),
            &[
                format!("{env} backup create"),
                format!(
                    "aws rds copy-db-snapshot --region {home} --source-region {place} --source-db-snapshot-identifier <its ARN> --target-db-snapshot-identifier <backup> --copy-tags --kms-key-id <key of {home}>"
                ),
                format!("{env} restore --backup <backup>"),
            ],
        ),
    ]
}

fn go_back(env: &str, environment: &EnvironmentName, home: &str, place: &str) -> Vec<BackStep> {
    vec![
        step(
            "On the day: let nobody write, so that nothing is lost on the way back; then the same once more".into(),
            &[
                format!("{env} maintenance on --mode read-only --confirm {environment}"),
                format!("{env} backup create"),
                format!("aws rds copy-db-snapshot --region {home} --source-region {place} --source-db-snapshot-identifier <its ARN> --target-db-snapshot-identifier <backup> --copy-tags --kms-key-id <key of {home}>"),
            ],
        ),
        step(
            format!("Put region: {home} and what belongs to it back into opsctl.yaml, cut over, deploy there, and lead the name there"),
            &[
                format!("{env} restore --backup <backup> --cut-over --confirm {environment}"),
                format!("{env} deploy"),
                "aws route53 change-resource-record-sets --hosted-zone-id <zone> --change-batch <the name leads there>".to_owned(),
            ],
        ),
        step(
            format!("Replicate the secrets to {place} again, end what is left there, and drill: until then the next loss has no way out"),
            &[
                format!("aws secretsmanager delete-secret --region {place} --secret-id <each> --force-delete-without-recovery"),
                format!("aws secretsmanager replicate-secret-to-regions --region {home} --secret-id <each> --add-replica-regions Region={place}"),
                format!("{env} backup create"),
                format!("{env} backup copy"),
                format!("{env} drill failover --kind region"),
            ],
        ),
    ]
}

/// The same as a page to print.
#[must_use]
pub fn page(
    environment: &EnvironmentName,
    regions: &Regions,
    made: (&OperationId, Timestamp),
) -> String {
    let Regions { home, place } = regions;
    let (operation, at) = made;
    let mut page = format!(
        "# {environment}: from {place} back to {home}\n\nWritten by {operation} at {at}. Nothing of it was carried out.\n\n"
    );
    for (number, step) in fail_back(environment, regions).iter().enumerate() {
        page.push_str(&format!("{}. {}\n", number + 1, step.what));
        for command in &step.commands {
            page.push_str(&format!("       {command}\n"));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions() -> Regions {
        Regions {
            home: "eu-central-1".into(),
            place: "eu-west-1".into(),
        }
    }

    #[test]
    fn what_was_left_is_kept_before_anything_else_and_nobody_writes_on_the_way_back() {
        let environment = EnvironmentName::new("staging").unwrap();
        let steps = fail_back(&environment, &regions());
        let at = |word: &str| {
            let of = |step: &BackStep| step.commands.iter().any(|it| it.contains(word));
            steps.iter().position(of).unwrap()
        };
        assert_eq!(at("modify-db-instance"), 0);
        assert!(at("create-db-snapshot") < at("copy-db-snapshot"));
        assert!(at("maintenance on") < at("--cut-over"));
        assert!(at("put-secret-value") < at("--cut-over"));
        assert_eq!(at("change-resource-record-sets"), at("--cut-over"));
        assert_eq!(at("drill failover"), steps.len() - 1);
    }

    #[test]
    fn every_command_names_the_environment_or_the_region() {
        let environment = EnvironmentName::new("staging").unwrap();
        let steps = fail_back(&environment, &regions());
        for command in steps.iter().flat_map(|step| &step.commands) {
            let named = command.contains("--env staging")
                || command.contains("--region")
                || command.contains("--hosted-zone-id")
                || command.starts_with("opsctl runbook");
            assert!(named, "{command}");
        }
    }
}
