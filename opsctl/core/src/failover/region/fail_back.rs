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
    steps.extend(serve_properly(&env, home, place));
    steps.extend(go_back(&env, environment, home, place));
    steps
}

fn keep_what_was_left(home: &str) -> Vec<BackStep> {
    vec![
        step(
            format!(
                "Once {home} answers: let nobody reach the database there. It holds writes that the copy lacks, and must not take new ones"
            ),
            &[format!(
                "aws rds modify-db-instance --region {home} --db-instance-identifier <old> --vpc-security-group-ids <drill group> --apply-immediately"
            )],
        ),
        step(
            "Keep what only it holds, before anybody tidies up".into(),
            &[format!(
                "aws rds create-db-snapshot --region {home} --db-instance-identifier <old> --db-snapshot-identifier <old>-left-behind"
            )],
        ),
    ]
}

fn serve_properly(env: &str, home: &str, place: &str) -> Vec<BackStep> {
    vec![
        step(
            format!("Let opsctl.yaml say where it serves: exchange region and backup_region, buckets with their replicas, restore_with and restore_abroad, copy_key and the registry of images. Then look: every check must hold from {place}"),
            &[format!("{env} doctor"), format!("{env} env adopt")],
        ),
        step(
            format!("Protect what serves in {place} as it was protected in {home}: backups, a copy of them in {home}, secrets there again"),
            &[
                format!("{env} backup create"),
                format!("{env} backup copy"),
                format!("aws secretsmanager replicate-secret-to-regions --region {place} --secret-id <each> --add-replica-regions Region={home} --force-overwrite-replica-secret"),
            ],
        ),
        step(
            "Bring back the rows that were left behind, table by table; each is shown before it is written".into(),
            &[format!("{env} restore rows --backup <old>-left-behind --table <table> --where <condition> --dry-run")],
        ),
    ]
}

fn go_back(env: &str, environment: &EnvironmentName, home: &str, place: &str) -> Vec<BackStep> {
    vec![
        step(
            format!("Prove that {home} can serve again, before a date is set"),
            &[format!("{env} drill failover --kind region --confirm {environment}")],
        ),
        step(
            "On the day: let nobody write, so that nothing is lost on the way back".into(),
            &[
                format!("{env} maintenance on --confirm {environment}"),
                format!("{env} backup create"),
                format!("{env} backup copy"),
            ],
        ),
        step(
            format!("Restore that copy in {home}, deploy there, lead the name there and let everybody write"),
            &[
                format!("{env} restore --abroad"),
                format!("{env} deploy"),
                "aws route53 change-resource-record-sets --hosted-zone-id <zone> --change-batch <the name leads there>".to_owned(),
                format!("{env} maintenance off --confirm {environment}"),
            ],
        ),
        step(
            format!("Exchange opsctl.yaml back, replicate the secrets to {place} again, and drill once more: until then the next loss has no way out"),
            &[format!("{env} backup copy"), format!("{env} drill failover --kind region")],
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
        assert!(at("create-db-snapshot") < at("env adopt"));
        assert!(at("restore rows") < at("maintenance on"));
        assert!(at("maintenance on") < at("restore --abroad"));
        assert!(at("change-resource-record-sets") >= at("restore --abroad"));
    }

    #[test]
    fn every_command_names_the_environment_or_the_region() {
        let environment = EnvironmentName::new("staging").unwrap();
        let steps = fail_back(&environment, &regions());
        for command in steps.iter().flat_map(|step| &step.commands) {
            let named = command.contains("--env staging")
                || command.contains("--region")
                || command.contains("--hosted-zone-id");
            assert!(named, "{command}");
        }
    }
}
