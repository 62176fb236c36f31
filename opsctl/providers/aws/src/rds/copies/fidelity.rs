//! Whether a restored instance is set as its source is.

use aws_sdk_rds::types::DbInstance;

/// A setting that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Difference {
    pub setting: &'static str,
    pub source: String,
    pub restored: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (setting, source, restored) = (self.setting, &self.source, &self.restored);
        write!(f, "{setting} is {restored}, the source has {source}")
    }
}

/// What every copy must have of its source, scratch or not.
pub(in super::super) fn of_a_copy(source: &DbInstance, restored: &DbInstance) -> Vec<Difference> {
    differences(source, restored, lasting)
}

/// What one that serves must have as well.
pub(super) fn of_the_database(source: &DbInstance, restored: &DbInstance) -> Vec<Difference> {
    differences(source, restored, |it| [lasting(it), serving(it)].concat())
}

type Setting = (&'static str, String);

fn differences(
    source: &DbInstance,
    restored: &DbInstance,
    settings: impl Fn(&DbInstance) -> Vec<Setting>,
) -> Vec<Difference> {
    let both = settings(source).into_iter().zip(settings(restored));
    both.filter(|((_, source), (_, restored))| source != restored)
        .map(|((setting, source), (_, restored))| Difference {
            setting,
            source,
            restored,
        })
        .collect()
}

fn lasting(it: &DbInstance) -> Vec<Setting> {
    vec![
        ("parameter group", parameter_group(it).unwrap_or_default()),
        ("option group", option_group(it).unwrap_or_default()),
        ("subnet group", subnet_group(it).unwrap_or_default()),
        ("storage type", text(it.storage_type())),
        ("encryption", shown(it.storage_encrypted())),
        ("key", text(it.kms_key_id())),
        ("public access", shown(it.publicly_accessible())),
        (
            "IAM authentication",
            shown(it.iam_database_authentication_enabled()),
        ),
        ("authority", text(it.ca_certificate_identifier())),
    ]
}

fn serving(it: &DbInstance) -> Vec<Setting> {
    vec![
        ("class", text(it.db_instance_class())),
        ("security groups", security_groups(it).join(", ")),
        ("Multi-AZ", shown(it.multi_az())),
        ("deletion protection", shown(it.deletion_protection())),
        ("backup retention", shown(it.backup_retention_period())),
        ("backup window", text(it.preferred_backup_window())),
        ("tags on snapshots", shown(it.copy_tags_to_snapshot())),
        (
            "log exports",
            it.enabled_cloudwatch_logs_exports().join(", "),
        ),
    ]
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or("none").to_owned()
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

/// From so many GiB on the speed of a `gp3` volume of PostgreSQL can be chosen. Below, RDS tells one and refuses to be told the same.
const CHOSEN_FROM_GIB: i32 = 400;

/// Whether a volume's speed is passed on.
pub(in super::super) fn speed_is_chosen(storage_type: Option<&str>, gib: Option<i32>) -> bool {
    storage_type != Some("gp3") || gib.unwrap_or_default() >= CHOSEN_FROM_GIB
}

/// Its parameter group.
pub(in super::super) fn parameter_group(it: &DbInstance) -> Option<String> {
    let group = it.db_parameter_groups().first()?;
    group.db_parameter_group_name().map(ToOwned::to_owned)
}

/// Whether its parameters are those in force.
pub(super) fn parameters_in_force(it: &DbInstance) -> bool {
    it.db_parameter_groups()
        .iter()
        .all(|group| group.parameter_apply_status() == Some("in-sync"))
}

/// Its option group.
pub(super) fn option_group(it: &DbInstance) -> Option<String> {
    let group = it.option_group_memberships().first()?;
    group.option_group_name().map(ToOwned::to_owned)
}

fn subnet_group(it: &DbInstance) -> Option<String> {
    let group = it.db_subnet_group()?;
    group.db_subnet_group_name().map(ToOwned::to_owned)
}

/// Its security groups.
pub(in super::super) fn security_groups(it: &DbInstance) -> Vec<String> {
    let groups = it.vpc_security_groups().iter();
    groups
        .filter_map(|group| group.vpc_security_group_id().map(ToOwned::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_of_a_small_gp3_volume_is_never_passed_on() {
        assert!(!speed_is_chosen(Some("gp3"), Some(399)));
        assert!(speed_is_chosen(Some("gp3"), Some(400)));
        assert!(speed_is_chosen(Some("io1"), Some(100)));
    }

    #[test]
    fn a_setting_that_was_lost_is_named_with_both_its_values() {
        let source = DbInstance::builder()
            .storage_type("io1")
            .multi_az(true)
            .build();
        let restored = DbInstance::builder()
            .storage_type("gp3")
            .multi_az(false)
            .build();
        let found = of_a_copy(&source, &restored);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].to_string(),
            "storage type is gp3, the source has io1"
        );
        assert_eq!(of_the_database(&source, &restored).len(), 2);
        assert!(of_the_database(&source, &source).is_empty());
    }
}
