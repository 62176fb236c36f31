//! What a database was like, kept in the tags of its snapshots: an instance that somebody deleted can't be asked any more, and the
//! copy that takes its place must be protected as it was.

use aws_sdk_rds::types::{DbInstance, VpcSecurityGroupMembership};

use super::copies::{parameter_group, security_groups};
use super::tags::Tags;

const CLASS: &str = "opsctl:class";
const GROUPS: &str = "opsctl:security-groups";
const MULTI_AZ: &str = "opsctl:multi-az";
const PARAMETERS: &str = "opsctl:parameter-group";
const RETENTION: &str = "opsctl:retention-days";

/// With what the instance is like.
pub(super) fn noted(tags: Tags, instance: &DbInstance) -> Tags {
    // A tag's value takes no comma.
    let groups = security_groups(instance).join(" ");
    tags.with_some(PARAMETERS, parameter_group(instance))
        .with_some(CLASS, instance.db_instance_class())
        .with_some(MULTI_AZ, instance.multi_az())
        .with_some(RETENTION, instance.backup_retention_period())
        .with_some(GROUPS, (!groups.is_empty()).then_some(groups))
}

/// The same, handed on from a snapshot to what is restored from it.
pub(super) fn handed_on(tags: Tags, from: &Tags) -> Tags {
    [CLASS, GROUPS, MULTI_AZ, PARAMETERS, RETENTION]
        .into_iter()
        .fold(tags, |tags, key| tags.with_some(key, from.text(key)))
}

/// The parameter group that was noted.
pub(super) fn parameters(tags: &Tags) -> Option<String> {
    tags.text(PARAMETERS).map(ToOwned::to_owned)
}

/// The class that was noted.
pub(super) fn class(tags: &Tags) -> Option<String> {
    tags.text(CLASS).map(ToOwned::to_owned)
}

/// What the restored instance is to become like; `None` where nobody noted it.
pub(super) fn wanted(restored: &DbInstance) -> Option<DbInstance> {
    let tags = Tags::of(restored.tag_list());
    let groups: Vec<&str> = tags.text(GROUPS)?.split(' ').collect();
    let mut wanted = guarded_by(restored.clone(), &groups);
    wanted.db_instance_class = tags.text(CLASS).map(ToOwned::to_owned);
    wanted.multi_az = tags.parsed(MULTI_AZ);
    wanted.backup_retention_period = tags.parsed(RETENTION);
    // A database that was deleted had lost its protection before.
    wanted.deletion_protection = Some(true);
    Some(wanted)
}

/// The same instance behind those security groups.
pub(super) fn guarded_by(mut instance: DbInstance, groups: &[impl AsRef<str>]) -> DbInstance {
    let membership = |group: &str| {
        VpcSecurityGroupMembership::builder()
            .vpc_security_group_id(group)
            .build()
    };
    let groups = groups.iter().map(|group| membership(group.as_ref()));
    instance.vpc_security_groups = Some(groups.collect());
    instance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_of_an_instance_comes_back_from_the_tags_alone() {
        let group = |id: &str| {
            VpcSecurityGroupMembership::builder()
                .vpc_security_group_id(id)
                .build()
        };
        let source = DbInstance::builder()
            .db_instance_class("db.r6g.large")
            .multi_az(true)
            .backup_retention_period(30)
            .vpc_security_groups(group("sg-1"))
            .vpc_security_groups(group("sg-2"))
            .build();
        let tags = noted(Tags::default(), &source);
        let restored = DbInstance::builder()
            .set_tag_list(Some(tags.told()))
            .build();
        let wanted = wanted(&restored).unwrap();
        assert_eq!(security_groups(&wanted), ["sg-1", "sg-2"]);
        assert_eq!(wanted.db_instance_class(), Some("db.r6g.large"));
        assert_eq!(wanted.multi_az(), Some(true));
        assert_eq!(wanted.backup_retention_period(), Some(30));
        assert_eq!(wanted.deletion_protection(), Some(true));
        assert!(super::wanted(&DbInstance::builder().build()).is_none());
    }
}
